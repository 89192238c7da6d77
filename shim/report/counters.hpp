// counters.hpp - what a report says of one process.
//
// Written by the process alone, but for one that is counted without knowing it: a child
// of vfork, or of a bare system call, counts for its parent.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace connarena::shim::report {

using counter = std::atomic<std::uint64_t>;
static_assert(counter::is_always_lock_free, "it lies in memory that processes share");

[[nodiscard]] inline std::uint64_t read(const counter& from) noexcept {
  return from.load(std::memory_order_relaxed);
}
inline void add(counter& to, std::uint64_t value) noexcept {
  to.fetch_add(value, std::memory_order_relaxed);
}
inline void raise(counter& to, std::uint64_t value) noexcept {
  std::uint64_t present = read(to);
  while (present < value && !to.compare_exchange_weak(present, value)) {
  }
}

/// How long after the last close memory went back to the system.
enum class moment_of_return : std::uint8_t { at_close, in_second_after, at_other_times };
inline constexpr std::size_t moments_of_return = 3;

struct alignas(64) counters {
  std::atomic<std::int32_t> pid;       ///< 0: nobody's
  std::int64_t seen_ns;                ///< since boot: the process had its number then
  std::int64_t started_ns;             ///< since 1970
  std::atomic<std::int64_t> ended_ns;  ///< 0: runs, or was killed
  counter connections_opened;
  counter connections_closed;
  counter arenas_opened;
  counter returned_bytes[moments_of_return];  ///< to the system
  counter survivor_blocks;
  counter survivor_bytes;
  counter connections_with_survivors;
  counter most_survivor_bytes;  ///< of one connection
  counter late_frees;
  counter peak_footprint_bytes;
  counter footprint_bytes;  ///< when last looked at
};

/// Adds what processes count, but not what only one that runs has.
inline void add_figures(const counters& from, counters& to) noexcept {
  constexpr counter counters::*sums[] = {
      &counters::connections_opened, &counters::connections_closed,
      &counters::arenas_opened,      &counters::survivor_blocks,
      &counters::survivor_bytes,     &counters::connections_with_survivors,
      &counters::late_frees};
  for (const auto each : sums) add(to.*each, read(from.*each));
  for (std::size_t i = 0; i < moments_of_return; ++i) {
    add(to.returned_bytes[i], read(from.returned_bytes[i]));
  }
  raise(to.most_survivor_bytes, read(from.most_survivor_bytes));
  raise(to.peak_footprint_bytes, read(from.peak_footprint_bytes));
}

}  // namespace connarena::shim::report
