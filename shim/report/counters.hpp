// counters.hpp - what a report says, as it lies in memory and in a report's file.
//
// Written by the preload library through a shared mapping, so that a reader finds
// them whatever ends the process. One page.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace connarena::shim::report {

inline constexpr char file_magic[8] = {'c', 'o', 'n', 'n', 'r', 'e', 'p', '1'};

/// What identifies a process over the life of the machine.
struct process_name {
  std::int32_t pid;
  std::uint64_t start_ticks;  ///< since boot, as /proc/PID/stat says
};

struct counters {
  char magic[8];
  process_name process;
  char program[64];
  std::int64_t started_ns;             ///< since 1970
  std::atomic<std::int64_t> ended_ns;  ///< 0: runs, or was killed

  std::atomic<std::uint64_t> connections_opened;
  std::atomic<std::uint64_t> connections_closed;
  std::atomic<std::uint64_t> arenas_opened;
  std::atomic<std::uint64_t> returned_bytes;
  std::atomic<std::uint64_t> survivor_blocks;
  std::atomic<std::uint64_t> survivor_bytes;

  std::atomic<std::uint64_t> late_frees;

  std::atomic<std::uint64_t> peak_footprint_bytes;
  std::atomic<std::uint64_t> footprint_bytes;  ///< when last looked at
};

inline constexpr std::size_t file_bytes = 4096;
static_assert(sizeof(counters) <= file_bytes);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace connarena::shim::report
