// live_rows.hpp - when the live figures of connections are brought up to date.
//
// A thread that turns from a connection only marks its row. Rows are looked at in turn: by
// threads at work, a thousand at a time for a 500th of the time; once a thread has waited
// for events for a moment in vain, until all were looked at; and by a thread that does not
// wait for events its connection's, before it reads from that.
#pragma once

#include "shim/lifetime/connection_id.hpp"
#include "shim/live/publisher.hpp"

namespace connarena::shim {

namespace detail {
/// A thread at work asks for the time now and then only.
inline constexpr unsigned turns_between_looks = 64;
extern constinit thread_local unsigned turns __attribute__((tls_model("initial-exec")));
void look_if_due() noexcept;
void show_before_read(connection_id connection) noexcept;
}  // namespace detail

/// The calling thread turns from a connection.
inline void show_on_leaving(connection_id connection) noexcept {
  live::row* const its = live::row_of(connection);
  if (its == nullptr) return;
  its->was_active.store(true, std::memory_order_relaxed);
  live::touch();
  if (++detail::turns % detail::turns_between_looks == 0) detail::look_if_due();
}
/// It is about to read from it.
inline void show_on_reading(connection_id connection) noexcept {
  if (live::own_segment() != nullptr) detail::show_before_read(connection);
}

/// Figures from the program's start on, if they are wanted: with its limits, before there is
/// anything to look at.
void show_from_start() noexcept;
/// A forked child that has a right to its own figures gets them now, with the connections
/// that its parent left it.
void show_inherited() noexcept;

/// Whether somebody may ask the process for something while it waits: then a wait for events
/// without an end is one of seconds, between which it looks for that.
[[nodiscard]] inline bool may_be_asked() noexcept { return live::own_segment() != nullptr; }
inline constexpr std::int64_t between_requests_ns = 1000000000;
/// Does what it is asked for, if it is, and looks at rows that are behind. Not in the core. Gives
/// for how long the thread may wait then, which has waited for so long: a second, or, where others
/// look, twice as long as it did.
std::int64_t answer_request_after(std::int64_t waited_ns) noexcept;

/// In a forked child: who was looking is not there.
void reset_looks_in_child() noexcept;

/// Whether rows are to be looked at. Asked before each long wait.
[[nodiscard]] bool are_rows_behind() noexcept;
/// Looks at some, if it is time. Not in the core. Gives after how many nanoseconds there
/// is more to do.
std::int64_t look_at_rows() noexcept;
/// The process as a whole, for who looks at it in a quiet moment.
void show_quiet_process() noexcept;

}  // namespace connarena::shim
