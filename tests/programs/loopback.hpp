// loopback.hpp - TCP over 127.0.0.1 for tests: free ports, clients that give up
// at a deadline, and an echo server.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/deadline.hpp"
#include "harness/scratch_folder.hpp"

namespace programs {

using port_number = std::uint16_t;

/// A port that nothing listens on now.
[[nodiscard]] port_number free_port();

/// A client. Every operation that fails or takes too long throws.
class tcp_client {
 public:
  explicit tcp_client(port_number port);
  tcp_client(tcp_client&& other) noexcept : socket_(other.socket_) { other.socket_ = -1; }
  tcp_client(const tcp_client&) = delete;
  tcp_client& operator=(const tcp_client&) = delete;
  ~tcp_client();

  /// Its own end's.
  [[nodiscard]] port_number port() const;
  void send(std::string_view bytes);
  [[nodiscard]] std::string receive(std::size_t bytes);
  /// Up to and without the line's "\r\n".
  [[nodiscard]] std::string receive_line();

 private:
  void wait_for(short events);
  void receive_more();

  int socket_;
  std::string received_;
};

/// Waits until something listens on a port; false at the deadline.
[[nodiscard]] bool is_listening(port_number port);

/// Sends back what it gets, one thread for all connections.
class echo_server {
 public:
  echo_server();
  echo_server(const echo_server&) = delete;
  echo_server& operator=(const echo_server&) = delete;
  ~echo_server();
  [[nodiscard]] port_number port() const { return port_; }

 private:
  void serve();

  int listener_;
  port_number port_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

/// For a server's files.
using harness::scratch_folder;

}  // namespace programs
