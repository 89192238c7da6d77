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
// A thread that waits for a condition holds the program's mutex until it sleeps: what it
// does there keeps every thread waiting that wants the mutex. So there it ends what is
// small, and leaves the rest, and what idle.hpp has to do, to whoever comes to a waiting
// call without a mutex; or does it, if it is the last thread that was not waiting: then
// nobody else comes, and nobody is kept waiting but by what happens meanwhile.
//
// Threads: any; what says so also in signal handlers.
#pragma once

#include <atomic>
#include <cstdint>

#include "shim/handler_safe/personality.hpp"
#include "shim/lifetime/connections.hpp"

namespace connarena::shim {

using moment = std::uint64_t;

/// What has to be known of a connection to tell when it may end; part of its record.
struct ending {
  std::atomic<std::uint64_t> servers;  ///< the threads that served it
  moment closed_at;
  std::atomic<std::uint32_t> next;  ///< in a thread's list of closed connections
  std::uint32_t asked;              ///< so many of its servers have passed for good
};

/// What is known of locks of the program at a waiting call.
enum class under : bool { nothing_known, a_mutex };

namespace detail {

/// What a thread says about itself. A cache line each: its thread writes at each wait.
struct alignas(64) thread_place {
  std::atomic<moment> passed;
  /// The descriptor that it reads from and the record of that connection; 0: none.
  std::atomic<std::uint64_t> reading;
  std::atomic<std::uint32_t> list;  ///< connections that wait for this thread
  std::atomic<std::uint32_t> next;  ///< in the list of free places
};

struct own_place {
  thread_place* place = nullptr;
  std::uint16_t number = 0;  ///< 0: not yet known, or past its end
  bool has_ended = false;
};
extern constinit thread_local own_place this_place __attribute__((tls_model("initial-exec")));

/// A thread has left something to others: closed connections, or idle memory.
extern constinit std::atomic<bool> is_work_left;
void settle_own_list(under what) noexcept;

}  // namespace detail

/// The calling thread serves a connection. In signal handlers too.
void add_server(ending& of) noexcept;

/// A connection has closed: it ends, by end_closed, when all who served it have passed.
/// The calling thread has not. In signal handlers too.
void end_when_quiet(std::uint32_t record) noexcept;

/// Calls `end(record)` on the connection that closed last of those that wait for the
/// calling thread; it goes on waiting if that says false. Not in signal handlers.
void try_last_closed(bool (*end)(std::uint32_t record)) noexcept;

/// Does what others have left, where no mutex of the program is known to be held. Pre: not
/// inside the core.
void do_what_is_left() noexcept;

/// The calling thread waits, or reads, no longer, if it did.
void stop_waiting() noexcept;
void stop_reading() noexcept;

/// The thread is at a waiting call for as long as this lives. One that a handler makes in
/// another ends both: the thread counts as running until that other one returns.
class waiting {
 public:
  [[gnu::always_inline]] explicit waiting(under what = under::nothing_known) noexcept {
    note_wait_of_caller();
    detail::thread_place* const own = detail::this_place.place;
    if (own == nullptr) return;
    // seq_cst: comes before the look at the list, as the push of another thread comes
    // before its look at `passed`: one sees the other.
    own->passed.exchange(all_moments);
    if (own->list.load() != 0 || detail::is_work_left.load()) [[unlikely]]
      detail::settle_own_list(what);
  }
  ~waiting() { stop_waiting(); }
  waiting(const waiting&) = delete;
  waiting& operator=(const waiting&) = delete;

  static constexpr moment all_moments = UINT64_MAX;
};

/// Whether closed connections wait for the calling thread.
[[nodiscard]] inline bool is_waited_for() noexcept {
  const detail::thread_place* const own = detail::this_place.place;
  return own != nullptr && own->list.load(std::memory_order_relaxed) != 0;
}
namespace detail {
void pass_at_read(int fd, connection_id from) noexcept;
}  // namespace detail

/// The thread reads from a connection for as long as this lives: where that blocks, it is
/// a waiting call for all other connections. Whether it does is asked only when a
/// connection waits for the thread; until then it costs two plain writes to the thread's
/// own line.
class reading {
 public:
  [[gnu::always_inline]] reading(int fd, connection_id connection) noexcept {
    note_wait_of_caller();
    detail::thread_place* const own = detail::this_place.place;
    if (own == nullptr) return;
    const std::uint64_t descriptor = static_cast<std::uint32_t>(fd);
    own->reading.store(descriptor << 32 | static_cast<std::uint32_t>(connection),
                       std::memory_order_relaxed);
    // Against the compiler; whoever looks at it fences every thread.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (own->list.load(std::memory_order_relaxed) != 0) [[unlikely]]
      detail::pass_at_read(fd, connection);
  }
  ~reading() {
    detail::thread_place* const own = detail::this_place.place;
    if (own == nullptr) return;
    // release: what the thread does next is not seen before it
    own->reading.store(0, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  reading(const reading&) = delete;
  reading& operator=(const reading&) = delete;
};

/// As prepare_connections.
void prepare_quiescence() noexcept;

/// Only the calling thread is left. Pre: outside the core.
void reset_quiescence_in_child() noexcept;

}  // namespace connarena::shim
