// worker_pools.cpp - several threads that pass a connection on to each other.
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>

#include "servers/blocking_io.hpp"
#include "servers/shapes.hpp"

namespace attribution {
namespace {

struct job {
  session* on;
  request_header header;
};

/// Who takes waits for a condition.
class job_queue {
 public:
  void put(job added) {
    {
      const std::lock_guard guard(mutex_);
      jobs_.push_back(added);
    }
    is_there_.notify_one();
  }

  job take() {
    std::unique_lock guard(mutex_);
    is_there_.wait(guard, [this] { return !jobs_.empty(); });
    const job taken = jobs_.front();
    jobs_.pop_front();
    return taken;
  }

 private:
  std::mutex mutex_;
  std::condition_variable is_there_;
  std::deque<job> jobs_;
};

class semaphore {
 public:
  semaphore() { ::sem_init(&count_, 0, 0); }
  void post() { ::sem_post(&count_); }
  void wait() {
    while (::sem_wait(&count_) != 0) {
    }
  }

 private:
  sem_t count_;
};

/// An eventfd that counts as a semaphore does.
class event_counter {
 public:
  void post() {
    const std::uint64_t one = 1;
    if (::write(fd_, &one, sizeof one) != sizeof one) std::abort();
  }
  void wait() {
    std::uint64_t one = 0;
    while (::read(fd_, &one, sizeof one) != sizeof one) {
    }
  }

 private:
  int fd_ = ::eventfd(0, EFD_SEMAPHORE);
};

/// The jobs are counted.
template <typename Counter>
class counted_queue {
 public:
  void put(job added) {
    {
      const std::lock_guard guard(mutex_);
      jobs_.push_back(added);
    }
    count_.post();
  }

  job take() {
    count_.wait();
    const std::lock_guard guard(mutex_);
    const job taken = jobs_.front();
    jobs_.pop_front();
    return taken;
  }

 private:
  std::mutex mutex_;
  Counter count_;
  std::deque<job> jobs_;
};

enum class workers : unsigned char { read, parse, parse_explicitly };

template <typename Queue = job_queue>
class pool {
 public:
  pool(int listener, workers what) : listener_(listener), what_(what) {
    watch(EPOLL_CTL_ADD, listener_, nullptr);
  }

  [[noreturn]] void run() {
    for (int i = 0; i < worker_count; ++i) std::thread([this] { work(); }).detach();
    std::thread([this] { write(); }).detach();
    std::array<epoll_event, 64> events;
    for (;;) {
      const int count = ::epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        serve(static_cast<session*>(events[static_cast<std::size_t>(i)].data.ptr));
      }
    }
  }

 private:
  static constexpr int worker_count = 3;

  /// Until its next event, which its reply is followed by, a connection is not watched.
  void watch(int operation, int fd, session* on) {
    epoll_event event{};
    event.events = on != nullptr ? EPOLLIN | EPOLLONESHOT : EPOLLIN;
    event.data.ptr = on;
    ::epoll_ctl(epoll_, operation, fd, &event);
  }

  void serve(session* on) {
    if (on == nullptr) {
      on = new session(::accept(listener_, nullptr, nullptr));
      on->set_up();
      watch(EPOLL_CTL_ADD, on->fd(), on);
    } else if (what_ == workers::read) {
      to_work_.put({on, {}});
    } else {
      receive_for_work(on);
    }
  }

  void receive_for_work(session* on) {
    job received{on, {}};
    if (!receive(*on, received.header)) return end(on);
    to_work_.put(received);
  }

  [[noreturn]] void work() {
    for (;;) {
      job taken = to_work_.take();
      if (what_ == workers::read && !receive(*taken.on, taken.header)) {
        end(taken.on);
        continue;
      }
      session& on = *taken.on;
      if (what_ == workers::parse_explicitly) {
        const connarena_t before = connarena_enter(connarena_of_fd(on.fd()));
        on.handle(taken.header, on.incoming.bytes[0]);
        connarena_leave(before);
      } else {
        on.handle(taken.header, on.incoming.bytes[0]);
      }
      to_write_.put(taken);
    }
  }

  [[noreturn]] void write() {
    for (;;) {
      session* const on = to_write_.take().on;
      if (send(*on)) {
        watch(EPOLL_CTL_MOD, on->fd(), on);
      } else {
        end(on);
      }
    }
  }

  static void end(session* on) {
    const int fd = on->fd();
    delete on;
    ::close(fd);
  }

  int listener_;
  workers what_;
  int epoll_ = ::epoll_create1(0);
  Queue to_work_;
  Queue to_write_;
};

}  // namespace

void serve_by_pool(int listener) { pool(listener, workers::read).run(); }
void serve_by_pool_without_io(int listener) { pool(listener, workers::parse).run(); }
void serve_by_counted_pool_without_io(int listener) {
  pool<counted_queue<semaphore>>(listener, workers::parse).run();
}
void serve_by_eventfd_pool_without_io(int listener) {
  pool<counted_queue<event_counter>>(listener, workers::parse).run();
}
void serve_by_explicit_pool(int listener) { pool(listener, workers::parse_explicitly).run(); }

}  // namespace attribution
