// segment.hpp - a process's live figures as they lie in memory: a head, a row for each arena
// that the program itself opened, and under the preload library one for each connection.
//
// The process writes, whoever may read it reads, and neither waits for the other. Every
// figure is a word of its own and of some moment. A row is a connection's while its `id`
// is: a reader takes the figures between two looks at it. Used by both libraries and the
// launcher.
//
// The memory is a System V segment that is marked for removal as soon as it is made, so
// that it goes with its last process however that ends: see decision 0014. It cannot be
// cut short, and its maker's number is the system's word, not the segment's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "live/distribution.hpp"
#include "live/requests.hpp"

namespace connarena::live {

/// The last character is the version of what follows.
inline constexpr char segment_magic[8] = {'c', 'o', 'n', 'n', 'l', 'i', 'v', '4'};
inline constexpr std::size_t version_at = sizeof segment_magic - 1;

template <typename Word>
using figure = std::atomic<Word>;
static_assert(figure<std::uint64_t>::is_always_lock_free, "processes share it");

/// A connection's id: its row's number is the lower half. An arena's is its handle.
using connection_number = std::uint64_t;
[[nodiscard]] constexpr std::uint64_t row_number_of(connection_number connection) noexcept {
  return static_cast<std::uint32_t>(connection);
}

enum class row_state : std::uint8_t {
  open = 1,
  draining = 2,  ///< closed, while threads that served it have yet to wait
};

/// What limits have to say of a connection.
namespace row_mark {
inline constexpr std::uint8_t exempt = 1;
inline constexpr std::uint8_t disconnected = 2;  ///< the program has yet to close it
}  // namespace row_mark

/// A cache line each.
struct alignas(64) row {
  figure<connection_number> id;  ///< 0: nobody's
  figure<std::int64_t> opened_ns;
  figure<std::int64_t> active_ns;  ///< when a look at the row found that a thread had
  figure<std::uint64_t> live_bytes;
  figure<std::uint64_t> peak_bytes;  ///< of the footprint
  figure<std::uint64_t> footprint_bytes;
  figure<std::uint32_t> blocks;
  union {
    figure<std::int32_t> fd;          ///< of a connection; -1: not known
    figure<std::uint32_t> limit_kib;  ///< of an arena; 0: it has none
  };
  figure<std::uint32_t> changes;  ///< the process's own: tells whether figures are of now
  figure<row_state> state;
  figure<bool> was_active;    ///< since active_ns; the next look at the row sets that
  figure<std::uint8_t> name;  ///< which of the segment's; 0: none
  figure<std::uint8_t> marks;
};
static_assert(sizeof(row) == 64);

/// Times are of CLOCK_MONOTONIC.
struct head {
  alignas(8) char magic[sizeof segment_magic];
  std::uint64_t start_ticks;  ///< of the process, since boot, as /proc/PID/stat says
  char program[64];
  std::uint64_t retain_bytes;             ///< the floor of the bound on idle memory
  figure<std::uint64_t> connections_end;  ///< one past the last row that was ever used
  figure<std::uint64_t> arenas_end;       ///< the same
  figure<std::uint64_t> opened;           ///< connections
  figure<std::uint64_t> closed;           ///< of those, and of those that its parent left it
  figure<std::uint64_t> inherited;        ///< that its parent had opened
  figure<std::uint64_t> unlisted;         ///< opened where there was no row left
  figure<std::uint64_t> survivor_bytes;   ///< that connections left when they ended
  figure<std::uint64_t> survivor_blocks;
  distribution ended_peaks;            ///< in bytes, of connections that have ended and had a row
  distribution ended_lifetimes;        ///< in milliseconds, of the same
  figure<std::uint64_t> disconnected;  ///< connections
  figure<std::uint64_t> refused;       ///< blocks, by a limit
  figure<std::int64_t> looked_ns;      ///< when what follows was looked at
  figure<std::uint64_t> live_bytes;
  figure<std::uint64_t> retained_bytes;
  figure<std::uint64_t> footprint_bytes;
  figure<std::uint64_t> limit_bytes;   ///< of each connection; 0: there is none
  figure<std::uint64_t> budget_bytes;  ///< of all together; 0: there is none
  figure<bool> over_limit_fails;  ///< who would hold more gets nothing, and else is disconnected
};

/// What arenas were opened under. Those that found no place share the last one.
struct alignas(8) arena_names {
  static constexpr std::size_t most = 48;
  static constexpr std::size_t most_bytes = 40;

  figure<std::uint8_t> count;  ///< with number 0, which is none
  char texts[most][most_bytes];
};

/// The largest blocks of one connection, and where they were allocated: what a viewer asked
/// for, and a program with a report looks up now and then. They are the connection's while
/// `of` says so, as a row's figures.
struct asked_blocks {
  static constexpr std::size_t most = 6;
  static constexpr std::size_t most_frames = 8;
  static constexpr std::size_t most_modules = 12;
  struct block {
    figure<std::uint64_t> bytes;
    /// The number of a module in the upper 16 bits, 0 being unknown, and the address in that
    /// module's file; 0: no more, or the block was not sampled.
    figure<std::uint64_t> frames[most_frames];
  };
  struct module {
    char path[192];
    char label[64];
  };

  // By the viewer: nobody's is 0, and no longer so after a while, whatever became of who asked.
  figure<connection_number> wanted;
  figure<std::int64_t> wanted_until_ns;
  figure<connection_number> of;  ///< whose they are; 0: nobody's
  figure<std::uint32_t> count;
  figure<bool> is_answered;  ///< the program has a report
  block blocks[most];
  module modules[most_modules];  ///< by their numbers
};

/// That of a program without the preload library ends where connections begin.
struct segment {
  static constexpr std::size_t most_rows = 102400;
  /// Rows that were never used are given up: each table starts a page on any system. Only its
  /// offset says so, not its type: the segment itself lies where the system has a page.
  static constexpr std::size_t table_alignment = 65536;

  head all;
  arena_names names;
  request_box requests;
  asked_blocks asked;
  std::byte unused[table_alignment - sizeof(head) - sizeof(arena_names) - sizeof(request_box) -
                   sizeof(asked_blocks)];
  row arenas[most_rows];
  row connections[most_rows];
};
static_assert(alignof(segment) == alignof(row));
static_assert(offsetof(segment, arenas) == segment::table_alignment);
static_assert(offsetof(segment, connections) % segment::table_alignment == 0);

/// Of this version.
[[nodiscard]] inline bool is_segment(const head& of) noexcept {
  return std::memcmp(of.magic, segment_magic, sizeof segment_magic) == 0;
}
/// Of any version.
[[nodiscard]] inline bool is_any_segment(const head& of) noexcept {
  return std::memcmp(of.magic, segment_magic, version_at) == 0;
}

}  // namespace connarena::live
