// at_wait.hpp - what a thread does where it waits: it says so, settles the closed
// connections that waited for it, and sees to idle memory.
//
// A thread that waits for a condition holds the program's mutex until it sleeps: what it
// does there keeps every thread waiting that wants the mutex. So there it ends what is
// small, and leaves the rest, and what idle.hpp has to do, to whoever comes to a waiting
// call without a mutex; or does it, if it is the last thread that was not waiting: then
// nobody else comes, and nobody is kept waiting but by what happens meanwhile. What others
// wait for it passes on there, too, which is as much as some frees under the mutex.
#pragma once

#include "api/core.hpp"
#include "shim/handler_safe/personality.hpp"
#include "shim/lifetime/connection_id.hpp"
#include "shim/lifetime/quiescence.hpp"

namespace connarena::shim {

/// What is known of locks of the program at a waiting call.
enum class under : bool { nothing_known, a_mutex };

/// Does what others have left, where no mutex of the program is known to be held. Pre: not
/// inside the core.
void do_what_is_left() noexcept;

namespace detail {
void pass_on_at_wait() noexcept;
void pass_on_at_read() noexcept;
void settle_at_wait(under what) noexcept;
void settle_at_read(int fd, connection_id from) noexcept;
}  // namespace detail

/// The thread is at a waiting call for as long as this lives. One that a handler makes in
/// another ends both: the thread counts as running until that other one returns.
class waiting {
 public:
  [[gnu::always_inline]] explicit waiting(under what = under::nothing_known) noexcept {
    note_wait_of_caller();
    if (core::may_keep_what_is_others()) [[unlikely]]
      detail::pass_on_at_wait();
    detail::thread_place* const own = detail::this_place.place;
    if (own == nullptr) return;
    // seq_cst: comes before the look at the list, as the push of another thread comes
    // before its look at `passed`: one sees the other.
    own->passed.exchange(all_moments);
    if (own->list.load() != nullptr || detail::is_work_left.load()) [[unlikely]]
      detail::settle_at_wait(what);
  }
  ~waiting() { stop_waiting(); }
  waiting(const waiting&) = delete;
  waiting& operator=(const waiting&) = delete;
};

/// The thread reads from a connection for as long as this lives: where that blocks, it is
/// a waiting call for all other connections. Whether it does is asked only when a
/// connection waits for the thread; until then it costs two plain writes to the thread's
/// own line.
class reading {
 public:
  [[gnu::always_inline]] reading(int fd, connection_id connection) noexcept {
    note_wait_of_caller();
    if (core::may_keep_what_is_others()) [[unlikely]]
      detail::pass_on_at_read();
    detail::thread_place* const own = detail::this_place.place;
    if (own == nullptr) return;
    const std::uint64_t descriptor = static_cast<std::uint32_t>(fd);
    own->reading.store(descriptor << 32 | index_of(connection), std::memory_order_relaxed);
    // Against the compiler; whoever looks at it fences every thread.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (own->list.load(std::memory_order_relaxed) != nullptr) [[unlikely]]
      detail::settle_at_read(fd, connection);
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

}  // namespace connarena::shim
