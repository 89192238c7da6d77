// live_rows.hpp - when the live figures of connections are brought up to date.
//
// A connection's row is, where the thread that served it turns to another or waits for
// events, and before a read that may block. What others do to its blocks shows when its
// row is looked at in turn: by a thread at work, some rows at a time for a 500th of the
// time; and once a thread has waited for a moment in vain, until all were looked at.
#pragma once

#include "shim/lifetime/connection_id.hpp"
#include "shim/live/publisher.hpp"

namespace connarena::shim {

namespace detail {
void show_left(connection_id connection) noexcept;
void show_before_read(connection_id connection) noexcept;
}  // namespace detail

/// The calling thread turns from a connection.
inline void show_on_leaving(connection_id connection) noexcept {
  if (live::is_wanted()) detail::show_left(connection);
}
/// It is about to read from it.
inline void show_on_reading(connection_id connection) noexcept {
  if (live::is_wanted()) detail::show_before_read(connection);
}

/// A forked child that has a right to its own figures gets them now, with the connections
/// that its parent left it.
void show_inherited() noexcept;

/// Whether rows are to be looked at. Asked before each long wait.
[[nodiscard]] bool are_rows_behind() noexcept;
/// Looks at some, if it is time. Not in the core. Gives after how many nanoseconds there
/// is more to do.
std::int64_t look_at_rows() noexcept;
/// The process as a whole, for who looks at it in a quiet moment.
void show_quiet_process() noexcept;

}  // namespace connarena::shim
