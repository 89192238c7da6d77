// ledger.hpp - a report as it lies in memory and in its file: a family of processes.
//
// A family is a process that was started by exec and those that stem from it by fork. It
// keeps one ledger in memory that all of it shares, so that a child's figures cost no
// system call, whatever rights, descriptors or root the child has given up. The file is a
// copy: see ledger_file.hpp.
//
// Invariant: a record is its process's from the exchange of `pid` until another process
// takes it over, which adds it to `earlier`. What a family counts is never lost.
#pragma once

#include <cstring>

#include "shim/report/counters.hpp"

namespace connarena::shim::report {

/// The last character is the version of what follows.
inline constexpr char file_magic[8] = {'c', 'o', 'n', 'n', 'r', 'e', 'p', '3'};
inline constexpr std::size_t version_at = sizeof file_magic - 1;

/// What identifies a process over the life of the machine.
struct process_name {
  std::int32_t pid;
  std::uint64_t start_ticks;  ///< since boot, as /proc/PID/stat says

  bool operator==(const process_name&) const = default;
};

/// A file that code lies in. Where the program was started by another name than its
/// file's, that is its label.
struct code_module {
  char path[192];
  char label[64];
};

/// Where survivors were allocated. A frame is the number of its module in the upper 16
/// bits, 0 being unknown, and the address in that module's file.
struct call_site {
  static constexpr std::size_t most_frames = 8;
  counter key;  ///< 0: none
  std::uint64_t frames[most_frames];
  counter blocks;
  counter bytes;
  counter connections;
  counter last_connection;
};

/// Arenas that the program opened by one name.
struct named_arenas {
  static constexpr std::size_t most_bytes = 40;
  std::atomic<std::uint32_t> state;  ///< see named_arenas.cpp
  char name[most_bytes];
  counter opened;
  counter ended;
  counter peak_bytes;  ///< of one that has ended
  counter survivor_bytes;
};

/// What identifies a ledger: a reader, and a process that looks at a file, see this first.
struct ledger_head {
  char magic[sizeof file_magic];
  process_name run;      ///< the process whose report it is: the family's first, or an ancestor
  std::uint64_t family;  ///< a number of its own
};

struct ledger {
  static constexpr std::size_t most_processes = 256;
  static constexpr std::size_t most_names = 32;
  static constexpr std::size_t most_modules = 64;
  static constexpr std::size_t most_call_sites = 509;

  ledger_head head;
  char program[64];
  std::uint64_t retain_bytes;  ///< the floor of the bound on idle memory
  std::atomic<bool> is_adding_module;
  std::atomic<std::int32_t> place;     ///< the number of the file; 0: the one that was named
  counter footprint_bytes;             ///< of all that run
  counter peak_footprint_bytes;        ///< of all at one time
  counter processes_before;            ///< that are added up in
  counters earlier;                    ///< this
  counters processes[most_processes];  ///< the first is the family's first

  // From here on, what is written to the file only when it has changed.
  named_arenas names[most_names];
  code_module modules[most_modules];  ///< number 0 is not used
  call_site call_sites[most_call_sites];
};

/// Whole pages, that of the file too.
inline constexpr std::size_t file_bytes = (sizeof(ledger) + 4095) / 4096 * 4096;

/// Files of further families of a run: FILE.1 and so on.
inline constexpr int most_places = 100;
inline constexpr std::int32_t no_place = -1;
inline constexpr std::int32_t place_is_sought = -2;  ///< by one process of the family

[[nodiscard]] inline bool is_ledger(const ledger_head& head) noexcept {
  return std::memcmp(head.magic, file_magic, sizeof file_magic) == 0;
}
/// Of any version.
[[nodiscard]] inline bool is_report(const ledger_head& head) noexcept {
  return std::memcmp(head.magic, file_magic, version_at) == 0;
}

}  // namespace connarena::shim::report
