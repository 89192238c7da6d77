// quiescence.hpp - whether the threads that served a connection have come back to a
// waiting call since it closed.
//
// A program frees its state around and after close. So what survives a connection is
// known only when every thread that served it, and the one that closed it, has been
// at a waiting call: one that waits for events, a condition variable, a semaphore or
// time, a blocking read on another connection, or its end. A thread that is seen at
// none keeps the connection draining: nothing ends by a timeout.
//
// A closing takes a moment's number. Each thread has a place that says up to which
// moment it has passed; one that waits has passed all. A closed connection hangs in
// the list of one thread that it waits for. That thread settles the list where it
// waits: each connection goes on to the next thread's list, or ends. So it is handed
// on at most once for each thread, and looks at each once; no thread looks at others'
// connections.
//
// Connections are known here by their `ending` alone; what ends them is handed in. What a
// thread does at a waiting call is in at_wait.hpp.
//
// Threads: any; what says so also in signal handlers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "shim/lifetime/connection_id.hpp"

namespace connarena::shim {

using moment = std::uint64_t;
inline constexpr moment all_moments = UINT64_MAX;

/// What has to be known of a connection to tell when it may end; part of its record.
struct ending {
  std::atomic<std::uint64_t> servers;  ///< the threads that served it
  moment closed_at;
  std::atomic<ending*> next;  ///< in a thread's list of closed connections
  std::uint32_t asked;        ///< so many of its servers have passed for good
};

/// Ends a closed connection whose servers are quiet, if it gives back no more than so many
/// bytes, and takes them off; else false.
using end_within = bool (*)(ending& closed, std::size_t& bytes_left) noexcept;

namespace detail {

/// What a thread says about itself. A cache line each: its thread writes at each wait.
struct alignas(64) thread_place {
  std::atomic<moment> passed;
  /// The descriptor that it reads from and the record of that connection; 0: none.
  std::atomic<std::uint64_t> reading;
  std::atomic<ending*> list;  ///< connections that wait for this thread
  std::atomic<std::uint32_t> free_link;
};

struct own_place {
  thread_place* place = nullptr;
  std::uint16_t number = 0;  ///< 0: not yet known, or past its end
  bool has_ended = false;
};
extern constinit thread_local own_place this_place __attribute__((tls_model("initial-exec")));

/// A thread has left something to others: closed connections, or idle memory.
extern constinit std::atomic<bool> is_work_left;

}  // namespace detail

/// The calling thread serves a connection. In signal handlers too.
void add_server(ending& of) noexcept;

/// A connection has closed: it ends when all who served it have passed. The calling thread
/// has not. `end` is the same for all. In signal handlers too.
void end_when_quiet(ending& of, end_within end) noexcept;

/// Calls `end(closed)` on the connection that closed last of those that wait for the
/// calling thread; it goes on waiting if that says false. Not in signal handlers.
void try_last_closed(bool (*end)(ending& closed) noexcept) noexcept;

/// The calling thread has passed all moments until now: each connection that waits for it
/// ends, or goes on to the next thread. What is beyond so many bytes is left to others.
void settle_own(std::size_t most_bytes = SIZE_MAX) noexcept;
/// The same for what is anybody's to settle.
void settle_left_over() noexcept;
[[nodiscard]] bool is_any_left_over() noexcept;

/// Whether waits that come find is_work_left.
void say_whether_work_is_left(bool is_left) noexcept;

/// Whether all other threads that ever served a connection wait, read or have ended. Of two
/// that come at the same time at least one sees the other: each says first that it waits.
[[nodiscard]] bool is_last_to_wait() noexcept;

/// `end` is called at the end of each thread that has served a connection, once it has
/// passed all moments and after the thread's own destructors, which may close
/// connections. It owes a leave_place().
void call_at_thread_ends(void (*end)() noexcept) noexcept;
/// The calling thread is not counted any more.
void leave_place() noexcept;

/// Whether a read from a connection blocks: then the thread has passed.
[[nodiscard]] bool passes_in_read(int fd, connection_id from) noexcept;

/// The calling thread waits, or reads, no longer, if it did.
void stop_waiting() noexcept;
void stop_reading() noexcept;

/// As prepare_connections.
void prepare_quiescence() noexcept;

/// Only the calling thread is left. Pre: outside the core.
void reset_quiescence_in_child() noexcept;

}  // namespace connarena::shim
