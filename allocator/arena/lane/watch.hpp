// watch.hpp - limits of all watched arenas: on each of them, and on what they hold together.
// Watched are the connections' of a process that bounds those.
//
// A watched arena is charged, whatever its own limit. What passes one of these limits leaves
// a notice, as what passes a soft limit does; only where the process wants it so is what one
// arena may hold a limit that refuses. An excused arena is on its way out: it counts for
// nothing any more. An exempt one counts for the total alone.
//
//   held == the sum of what watched arenas are charged that are not excused
//
// Threads: any.
#pragma once

#include <atomic>
#include <cstdint>

namespace connarena::watch {

inline constexpr std::uint64_t unlimited = UINT64_MAX;

struct state {
  std::atomic<std::uint64_t> most_of_one{unlimited};  ///< in bytes, beside metadata
  std::atomic<std::uint64_t> most_of_all{unlimited};
  std::atomic<bool> refuses{false};  ///< what passes most_of_one
  std::atomic<std::uint64_t> held{0};
};
inline constinit state all{};

}  // namespace connarena::watch
