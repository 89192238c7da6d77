// counters.hpp - what a report says, as it lies in memory and in a report's file.
//
// Written by the preload library through a shared mapping, so that a reader finds
// them whatever ends the process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace connarena::shim::report {

inline constexpr char file_magic[8] = {'c', 'o', 'n', 'n', 'r', 'e', 'p', '2'};

/// What identifies a process over the life of the machine.
struct process_name {
  std::int32_t pid;
  std::uint64_t start_ticks;  ///< since boot, as /proc/PID/stat says
};

/// A file that code lies in; the main program's has its path, too.
struct code_module {
  char path[192];
};

/// Where survivors were allocated. A frame is the number of its module in the upper 16
/// bits, 0 being unknown, and the address in that module's file.
struct call_site {
  static constexpr std::size_t most_frames = 8;
  std::atomic<std::uint64_t> key;  ///< 0: none
  std::uint64_t frames[most_frames];
  std::atomic<std::uint64_t> blocks;
  std::atomic<std::uint64_t> bytes;
  std::atomic<std::uint64_t> connections;
  std::atomic<std::uint64_t> last_connection;
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
  std::atomic<std::uint64_t> connections_with_survivors;
  std::atomic<std::uint64_t> most_survivor_bytes;  ///< of one connection

  std::atomic<std::uint64_t> peak_footprint_bytes;
  std::atomic<std::uint64_t> footprint_bytes;  ///< when last looked at

  static constexpr std::size_t most_modules = 64;
  static constexpr std::size_t most_call_sites = 509;
  code_module modules[most_modules];  ///< number 0 is not used
  call_site call_sites[most_call_sites];
};

inline constexpr std::size_t file_bytes = 68 * std::size_t{1024};
static_assert(sizeof(counters) <= file_bytes);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace connarena::shim::report
