// echo_server.hpp - sends back what it receives, on a thread of its own.
//
// Ends when it is destroyed. A connection whose peer does not read is not read
// from either, so it holds at most one buffer for each.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "process/unique_fd.hpp"

namespace demo {

class echo_server {
 public:
  echo_server();
  ~echo_server();
  echo_server(const echo_server&) = delete;
  echo_server& operator=(const echo_server&) = delete;

  [[nodiscard]] int port() const noexcept { return port_; }

 private:
  struct peer {
    unique_fd socket;
    std::string unsent;
  };

  void work();
  void accept_all();
  void serve(int descriptor);
  [[nodiscard]] bool echo(peer& each);

  int port_;
  unique_fd listener_;
  unique_fd epoll_;
  std::map<int, peer> peers_;  // by descriptor
  std::vector<char> buffer_;
  std::atomic<bool> is_ending_ = false;
  std::thread thread_;
};

}  // namespace demo
