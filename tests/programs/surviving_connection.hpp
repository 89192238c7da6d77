// surviving_connection.hpp - a connection that blocks survive, and whether its arena has
// ended. For programs under the preload library.
#pragma once

#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>

namespace programs {

/// One end is served by the threads of a case; a byte can be read there for each.
class surviving_connection {
 public:
  static constexpr std::size_t buffer_bytes = 20000;

  explicit surviving_connection(int bytes = 1) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) != 0) std::exit(9);
    for (int i = 0; i < bytes; ++i) send_byte();
  }
  ~surviving_connection() { close(ends_[1]); }
  surviving_connection(const surviving_connection&) = delete;
  surviving_connection& operator=(const surviving_connection&) = delete;

  [[nodiscard]] int end() const { return ends_[0]; }
  void send_byte() const {
    if (write(ends_[1], "x", 1) != 1) std::exit(9);
  }
  /// Serves it: reads a byte into a buffer of it, the first of which lives on.
  void serve(std::size_t bytes = buffer_bytes) {
    void* const buffer = malloc(bytes);
    if (read(ends_[0], buffer, 1) != 1) std::exit(9);
    if (survivor_ == nullptr) {
      survivor_ = buffer;
      arena_ = connarena_of_fd(ends_[0]);
    } else {
      free(buffer);
    }
  }
  void close_end() { close(ends_[0]); }
  void free_survivor() {
    free(survivor_);
    survivor_ = nullptr;
  }
  [[nodiscard]] bool is_draining() const {
    connarena_stats stats{};
    return arena_ != 0 && connarena_get_stats(arena_, &stats) == 0;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  void* survivor_ = nullptr;
  connarena_t arena_ = 0;
};

}  // namespace programs
