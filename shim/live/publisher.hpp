// publisher.hpp - the calling process's live figures, if they are wanted: its segment, and
// which row is which connection's.
//
// Without them every call is a test of one word. A forked child makes a segment of its own
// when it first has something to say. Threads: any; in signal handlers too.
#pragma once

#include "live/own_segment.hpp"

namespace connarena::shim::live {

// Where they lie is the same for both libraries.
using namespace connarena::live;

namespace detail {
/// A forked child's is yet to be made.
inline constinit std::atomic<bool> is_due{false};
/// It has been made, without the connections that the parent left.
inline constinit std::atomic<bool> lacks_inherited{false};
inline constinit std::atomic<bool> is_touched{false};
void note_opened(connection_number connection, std::int32_t fd) noexcept;
void note_closed(connection_number connection) noexcept;
void note_ended(connection_number connection) noexcept;
}  // namespace detail

/// In the constructor. Where the system has no such memory to give, there are no figures.
void start() noexcept;
/// In a forked child.
void forget_parents() noexcept;
/// Makes the segment that is due.
void make_if_due() noexcept;
/// Makes one that was not wanted until now. False where it cannot.
[[nodiscard]] bool make_now() noexcept;

[[nodiscard]] inline bool is_due() noexcept {
  return detail::is_due.load(std::memory_order_relaxed);
}
[[nodiscard]] inline bool lacks_inherited() noexcept {
  return detail::lacks_inherited.load(std::memory_order_relaxed);
}
[[nodiscard]] inline bool is_wanted() noexcept { return own_segment() != nullptr || is_due(); }

/// The place for a connection's figures; null: none.
[[nodiscard]] inline row* row_of(connection_number connection) noexcept {
  segment* const own = own_segment();
  const std::uint64_t number = row_number_of(connection);
  const bool has_row = own != nullptr && number < connarena::live::detail::connections_room.load(
                                                      std::memory_order_relaxed);
  return has_row ? &own->connections[number] : nullptr;
}

/// Something has happened since all rows were looked at: see live_rows.hpp.
[[nodiscard]] inline bool is_touched() noexcept {
  return detail::is_touched.load(std::memory_order_relaxed);
}
inline void touch() noexcept {
  // The line is shared by all threads: mostly it is only read.
  if (!is_touched()) detail::is_touched.store(true, std::memory_order_relaxed);
}

inline void opened(connection_number connection, std::int32_t fd) noexcept {
  if (is_wanted()) detail::note_opened(connection, fd);
}
/// The process has a connection that began before its figures. False if it has a row already,
/// or finds none.
bool inherited(connection_number connection, std::int32_t fd) noexcept;
/// It has ended since, and nobody has said so.
void ended_unseen(connection_number connection) noexcept;
/// Another descriptor is the connection's, and may be its last.
void copied(connection_number connection, std::int32_t fd) noexcept;
inline void closed(connection_number connection) noexcept {
  if (own_segment() != nullptr) detail::note_closed(connection);
}
/// Its arena, which held so much at most, is about to end.
inline void arena_ends(connection_number connection, std::uint64_t peak_bytes) noexcept {
  row* const its = row_of(connection);
  if (its != nullptr && its->id.load(std::memory_order_relaxed) == connection) {
    its->peak_bytes.store(peak_bytes, std::memory_order_relaxed);
  }
}
/// Its arena has ended: the row is free.
inline void ended(connection_number connection) noexcept {
  if (own_segment() != nullptr) detail::note_ended(connection);
}
/// A limit, or whoever was asked, has disconnected it.
void disconnected(connection_number connection) noexcept;
/// A limit has refused a block.
void refused() noexcept;
void left_behind(std::uint64_t survivor_blocks, std::uint64_t survivor_bytes) noexcept;

}  // namespace connarena::shim::live
