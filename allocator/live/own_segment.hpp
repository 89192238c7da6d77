// own_segment.hpp - the calling process's live figures, if it shows any: where they lie.
//
// Threads: any, but for forgetting and giving up, which is one thread's at a time. Signal
// handlers: any but those.
#pragma once

#include <cstdint>

#include "live/segment.hpp"

namespace connarena::live {

namespace detail {
/// Null while there is none.
inline constinit std::atomic<segment*> segment_of_process{nullptr};
/// Rows that are there: fewer once the process has locked its memory.
inline constinit std::atomic<std::uint64_t> arenas_room{0};
inline constinit std::atomic<std::uint64_t> connections_room{0};
}  // namespace detail

/// acquire: pairs with the release of who made it.
[[nodiscard]] inline segment* own_segment() noexcept {
  return detail::segment_of_process.load(std::memory_order_acquire);
}

enum class tables : std::uint8_t { arenas, arenas_and_connections };

/// What a viewer is told of the process.
struct process_label {
  const char* program;
  std::uint64_t start_ticks;  ///< since boot, as /proc/PID/stat says
  std::size_t retain_bytes;
};

/// If there is none. False where the system has no such memory to give.
[[nodiscard]] bool make_own_segment(tables what, const process_label& label) noexcept;
/// In a forked child: what it has is its parent's. False if it has none.
bool forget_own_segment() noexcept;
/// The process locks its memory: rows that were never used are given up.
void give_up_unused() noexcept;

/// Gives a row to a connection, or to an arena, that was opened just now: an arena has no `fd`,
/// but 0.
void begin_row(row& given, connection_number to, std::int32_t fd, std::uint8_t name,
               std::int64_t now_ns) noexcept;
/// Counts what it held and how long it was there, and frees the row.
void end_row(head& all, row& its, std::int64_t now_ns) noexcept;

/// Rows up to this one may be in use.
void raise_end(figure<std::uint64_t>& end, std::uint64_t to) noexcept;

}  // namespace connarena::live
