// client_engine.hpp - many clients of one server on one thread, by epoll.
//
// Each client repeats exchanges: a script says what to send and, byte for byte,
// what must come back; a wrong byte is a failure. A slow client sends like the
// others but reads 16 KiB a second and is never finished; a script may make a
// client slow at any exchange.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "net/byte_queue.hpp"
#include "net/stream.hpp"

namespace demo {

struct client {
  std::size_t index;  ///< in the order of opening
  std::unique_ptr<stream> bytes;
  byte_queue to_send;
  byte_queue expected;
  bool is_slow = false;
  std::size_t exchanges = 0;  ///< completed
};

class client_script {
 public:
  virtual ~client_script() = default;

  /// Adds the client's next exchange to its queues; false if it has none left.
  [[nodiscard]] virtual bool next_exchange(client& each) = 0;

  /// Called when next_exchange() said false; may close this client, add and start others.
  virtual void finished(client& each) = 0;
};

class client_engine {
 public:
  explicit client_engine(client_script& script);

  client& add(std::unique_ptr<stream> bytes, bool is_slow = false);

  /// Begins the client's first exchange.
  void start(client& each);

  /// Serves the started clients until that is true.   Fails: a wrong byte, a
  /// connection that ends, or no end after that long.
  void run_until(const std::function<bool()>& is_done, std::chrono::seconds at_most);

  /// Begins another exchange on every client, after which each is finished again.
  void start_all();

  /// Closes its connection; the client is gone after the present turn.
  void close(client& each);

  /// Closes all but the first clients that are not slow.
  void close_all_but(std::size_t kept_clients);

 private:
  void serve(client& each);
  void send(client& each);
  [[nodiscard]] bool receive(client& each, std::size_t most_bytes);
  void check(client& each, std::string_view bytes);
  void serve_slow_clients();

  client_script& script_;
  unique_fd epoll_;
  std::size_t opened_ = 0;
  std::vector<std::unique_ptr<client>> clients_;
  std::vector<std::unique_ptr<client>> closed_;  // an event of this turn may still name them
  std::vector<char> buffer_;
};

}  // namespace demo
