// epoll_pool.hpp - a server of some threads that all wait at one epoll: whichever is free
// takes a connection's next request, and whichever sees its end ends it.
#pragma once

#include <atomic>

#include "moving/session.hpp"

namespace moving {

class epoll_pool {
 public:
  /// Other processes may serve the same listener, which does not block.
  epoll_pool(int listener, memory_of kind);
  epoll_pool(const epoll_pool&) = delete;
  epoll_pool& operator=(const epoll_pool&) = delete;
  ~epoll_pool();

  /// Serves until nobody can write to `stop`, the end of a pipe, and no connection is left.
  void run(unsigned threads, int stop);

 private:
  struct connection {
    int socket;
    session state;
  };

  void work();
  void accept();
  void serve(connection& on);
  void watch(int fd, void* as, unsigned events);
  void watch_again(int fd, void* as);

  const int listener_;
  const memory_of kind_;
  const int epoll_;
  std::atomic<int> open_{0};
};

}  // namespace moving
