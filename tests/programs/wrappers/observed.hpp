// observed.hpp - what a case can see of connections: whose a block is, and which
// connection the thread serves.
#pragma once

#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>

namespace wrappers {

/// A block of this size is a run: it has an owner, and I/O can adopt it.
inline constexpr std::size_t run_bytes = 8192;

/// Both ends of a connection. Nobody serves it yet.
class connection {
 public:
  connection() { is_made_ = socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) == 0; }
  [[nodiscard]] bool is_made() const { return is_made_; }
  [[nodiscard]] int near() const { return ends_[0]; }
  [[nodiscard]] int far() const { return ends_[1]; }
  /// Puts a byte on its way from one end; the thread then serves that end.
  [[nodiscard]] bool send_from(int end) const { return write(end, "x", 1) == 1; }

 private:
  std::array<int, 2> ends_{-1, -1};
  bool is_made_ = false;
};

/// 0: nobody's.
[[nodiscard]] inline connarena_t owner_of(const void* block) { return connarena_of(block); }

[[nodiscard]] inline bool belongs_to(const void* block, int fd) {
  const connarena_t arena = connarena_of_fd(fd);
  return arena != 0 && owner_of(block) == arena;
}

/// Whose malloc's next block would be.
[[nodiscard]] inline connarena_t served() {
  void* const block = malloc(run_bytes);
  const connarena_t owner = owner_of(block);
  free(block);
  return owner;
}

[[nodiscard]] inline bool serves(int fd) {
  const connarena_t arena = connarena_of_fd(fd);
  return arena != 0 && served() == arena;
}

[[nodiscard]] inline bool is_open(connarena_t arena) {
  connarena_stats stats{};
  return arena != 0 && connarena_get_stats(arena, &stats) == 0;
}

[[nodiscard]] inline std::size_t live_bytes(connarena_t arena) {
  connarena_stats stats{};
  return connarena_get_stats(arena, &stats) == 0 ? stats.live_bytes : 0;
}

[[nodiscard]] inline connarena_process_stats process_stats() {
  connarena_process_stats stats{};
  connarena_get_process_stats(&stats);
  return stats;
}

/// A connection that its thread has closed, and that a block survives.
class closed_connection {
 public:
  closed_connection() {
    const connection link;
    if (!link.is_made() || !link.send_from(link.near())) return;
    survivor_ = malloc(run_bytes);
    arena_ = connarena_of_fd(link.near());
    close(link.near());
  }
  ~closed_connection() { free(survivor_); }
  closed_connection(const closed_connection&) = delete;
  closed_connection& operator=(const closed_connection&) = delete;

  /// It ends when its thread has come to a waiting call.
  [[nodiscard]] bool is_draining() const { return is_open(arena_); }
  [[nodiscard]] bool has_ended() const { return arena_ != 0 && !is_open(arena_); }

 private:
  void* survivor_ = nullptr;
  connarena_t arena_ = 0;
};

}  // namespace wrappers
