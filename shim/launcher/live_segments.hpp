// live_segments.hpp - the live figures of processes, as whoever may read them finds them.
//
// Who made a segment, how large it is and who may read it is the system's word. What is in
// it is its process's, who may write anything there: it is copied and bounded, never
// followed.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "live/segment.hpp"

namespace connarena::launcher {

/// A connection, or an arena that the program opened by itself.
struct live_connection {
  pid_t process;
  std::uint64_t id;
  bool is_arena;
  std::int32_t fd;  ///< -1: not known
  live::row_state state;
  std::int64_t age_ns, idle_ns;
  std::uint64_t live_bytes, peak_bytes, footprint_bytes, blocks;
  std::uint64_t limit_bytes;      ///< 0: it has none
  bool is_disconnected;           ///< the program has yet to close it
  std::string kind, local, peer;  ///< empty: not known
  std::string name;               ///< of the arena; empty: it has none
};

/// What tells it from every other one, of other processes too.
using connection_key = std::tuple<pid_t, bool, std::uint64_t>;
[[nodiscard]] inline connection_key key_of(const live_connection& connection) {
  return {connection.process, connection.is_arena, connection.id};
}
/// Short, and different for each that a process ever has.
[[nodiscard]] std::string name_of(const live_connection& connection);

/// As live::distribution, at one moment.
struct distribution {
  std::array<std::uint64_t, live::bound_count + 1> counts{};
  std::uint64_t sum = 0;

  void add(const distribution& other);
};

struct live_process {
  pid_t pid, parent;
  std::size_t processes = 1;  ///< that are added up here
  std::string program;
  std::int64_t age_ns, figures_age_ns;
  std::uint64_t resident_bytes;  ///< all of the process's memory, as the system counts it
  std::uint64_t footprint_bytes, live_bytes, retained_bytes, retain_bytes;
  std::uint64_t open, opened, closed, inherited, unlisted;
  std::uint64_t survivor_bytes, survivor_blocks;
  std::uint64_t limit_bytes, budget_bytes;  ///< of each connection, and of all; 0: there is none
  bool has_connections;                     ///< and limits of them: it has the preload library
  bool over_limit_fails;
  bool limits_differ = false;  ///< of those that are added up: neither of the limit is told
  std::uint64_t disconnected, refused;        ///< connections, and blocks
  distribution ended_peaks, ended_lifetimes;  ///< in bytes, and in milliseconds
  std::vector<live_connection> connections;   ///< the largest first
};

/// Of what each holds.
[[nodiscard]] distribution footprints_of(const std::vector<live_connection>& connections);

/// Puts the largest first.
void sort_by_size(std::vector<live_connection>& connections);

/// Where a segment is.
struct segment_place {
  int number;
  pid_t maker;
  uid_t user;
};
/// Those that may be segments, of all processes, whether or not they may be read.
[[nodiscard]] std::vector<segment_place> segment_places();

/// Code: an address in a file, and what the file is called.
struct live_frame {
  std::string file, label;
  std::uint64_t address;
};
/// A block, and where it was allocated, the innermost first: empty if that is not known.
struct live_block {
  std::uint64_t bytes;
  std::vector<live_frame> frames;
};

/// What is read: where only totals are asked for, rows are not touched.
enum class extent : unsigned char { totals, connections };

/// A process's segment, attached for as long as this lives.
class live_segment {
 public:
  explicit live_segment(const segment_place& at);
  ~live_segment();
  live_segment(const live_segment&) = delete;
  live_segment& operator=(const live_segment&) = delete;

  /// Empty, or why it cannot be read.
  [[nodiscard]] const std::string& error() const { return error_; }
  /// Where it is, for who asks its process for something.
  [[nodiscard]] const segment_place& place() const { return place_; }
  /// Whether it is no live figures at all, as far as that may be known.
  [[nodiscard]] bool is_something_else() const { return is_something_else_; }
  /// None if its process has ended.
  [[nodiscard]] std::optional<live_process> read(extent what = extent::connections) const;
  /// The largest blocks of a connection, if the program has looked them up; asks it to.
  [[nodiscard]] std::vector<live_block> blocks_of(std::uint64_t connection) const;
  /// Whether it ever will.
  [[nodiscard]] bool tells_of_blocks() const;
  /// Nobody wants to know that any more.
  void ask_for_no_blocks() const { ask(0); }

 private:
  [[nodiscard]] std::vector<live_connection> read_rows(std::int64_t now) const;
  void ask(std::uint64_t connection) const;
  [[nodiscard]] live_frame frame_in(std::uint64_t frame) const;
  void add_arenas(std::vector<live_connection>& to, std::int64_t now) const;
  void add_connections(std::vector<live_connection>& to, std::int64_t now) const;
  /// Rows of a table that are within the segment.
  [[nodiscard]] std::uint64_t rows_within(std::size_t begin, std::uint64_t end) const;

  segment_place place_;
  const live::segment* at_ = nullptr;
  std::size_t bytes_ = 0;
  bool is_something_else_ = false;
  std::string error_;
};

/// Of one process; null, and `error` a line that says why, if there is none to be read.
[[nodiscard]] std::unique_ptr<live_segment> find_segment(const std::string& pid,
                                                         std::string& error);
/// All that the caller may read, by process number.
[[nodiscard]] std::vector<live_process> all_live_processes(extent what);

}  // namespace connarena::launcher
