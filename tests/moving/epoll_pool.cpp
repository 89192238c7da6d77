#include "moving/epoll_pool.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <vector>

namespace moving {

epoll_pool::epoll_pool(int listener, memory_of kind)
    : listener_(listener), kind_(kind), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  watch(listener, this, EPOLLIN | EPOLLONESHOT);
}

epoll_pool::~epoll_pool() { ::close(epoll_); }

void epoll_pool::run(unsigned threads, int stop) {
  watch(stop, nullptr, EPOLLIN);
  std::vector<std::thread> pool;
  for (unsigned i = 0; i < threads; ++i) pool.emplace_back([this] { work(); });
  for (std::thread& each : pool) each.join();
}

void epoll_pool::work() {
  for (;;) {
    epoll_event event{};
    if (::epoll_wait(epoll_, &event, 1, -1) != 1) continue;
    if (event.data.ptr == nullptr) {
      if (open_ == 0) return;
      ::poll(nullptr, 0, 1);
    } else if (event.data.ptr == this) {
      accept();
    } else {
      serve(*static_cast<connection*>(event.data.ptr));
    }
  }
}

void epoll_pool::accept() {
  const int socket = ::accept(listener_, nullptr, nullptr);
  if (socket >= 0) {
    ++open_;
    watch(socket, new connection{socket, session(kind_)}, EPOLLIN | EPOLLONESHOT);
  }
  watch_again(listener_, this);
}

void epoll_pool::serve(connection& on) {
  if (on.state.serve(on.socket)) return watch_again(on.socket, &on);
  const int socket = on.socket;
  delete &on;
  ::close(socket);
  --open_;
}

void epoll_pool::watch(int fd, void* as, unsigned events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = as;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void epoll_pool::watch_again(int fd, void* as) {
  // Not by EPOLL_CTL_MOD, which ThreadSanitizer takes for no word to whoever comes next.
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  watch(fd, as, EPOLLIN | EPOLLONESHOT);
}

}  // namespace moving
