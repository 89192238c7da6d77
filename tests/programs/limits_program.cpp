// limits_program CASE - a server and its clients in one thread, whose connections hold what the
// case says. The test sets the limits. Exit code 0: all was as the case has it.
#define CONNARENA_WEAK
#include <connarena/connarena.h>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "programs/listener.hpp"
#include "programs/named_case.hpp"

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

/// The server's end of a connection, and the client's.
class link {
 public:
  explicit link(programs::listener& at) : link(at, at.reach()) {}
  link(const programs::listener& at, int client) : client_(client) {
    server_ = accept(at.fd(), nullptr, nullptr);
  }
  link(const link&) = delete;
  link& operator=(const link&) = delete;
  ~link() {
    for (void* const each : blocks_) std::free(each);
    close_server();
    close(client_);
  }

  [[nodiscard]] int server() const { return server_; }
  void close_server() {
    if (server_ >= 0) close(server_);
    server_ = -1;
  }
  /// The thread serves it from here on.
  bool serve() {
    char byte = 'x';
    return write(client_, &byte, 1) == 1 && read(server_, &byte, 1) == 1;
  }
  bool take(std::size_t bytes) {
    void* (*volatile allocate)(std::size_t) = std::malloc;  // a compiler thinks it knows malloc
    blocks_.push_back(allocate(bytes));
    return blocks_.back() != nullptr;
  }
  /// Takes so much, while it serves the connection.
  bool hold(std::size_t bytes, std::size_t each = 50 * kib) {
    if (!serve()) return false;
    for (std::size_t taken = 0; taken < bytes; taken += each) {
      if (!take(each)) return false;
    }
    return true;
  }
  /// The end of the stream is there, on both sides.
  [[nodiscard]] bool is_disconnected() const { return is_at_end(server_) && is_at_end(client_); }
  [[nodiscard]] bool is_connected() const { return !is_at_end(server_) && !is_at_end(client_); }

 private:
  static bool is_at_end(int fd) {
    char byte = 0;
    return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
  }

  int client_;
  int server_ = -1;
  std::vector<void*> blocks_;
};

/// CONNARENA_LIMIT=1M
int above_its_limit_is_disconnected() {
  programs::listener at;
  link calm(at);
  link greedy(at);
  if (!calm.hold(400 * kib) || !greedy.hold(900 * kib)) return 1;
  if (!calm.is_connected() || !greedy.is_connected()) return 2;
  if (!greedy.hold(4 * mib)) return 3;
  if (!greedy.is_disconnected()) return 4;
  if (!calm.is_connected() || !calm.serve() || !calm.hold(400 * kib)) return 5;
  return calm.is_connected() ? 0 : 6;
}

/// CONNARENA_LIMIT=1M CONNARENA_OVER_LIMIT=fail
int at_its_limit_gets_no_more() {
  programs::listener at;
  link greedy(at);
  link calm(at);
  errno = 0;
  if (greedy.hold(4 * mib)) return 1;
  if (errno != ENOMEM) return 2;
  if (!greedy.is_connected()) return 3;
  void* (*volatile resize)(void*, std::size_t) = std::realloc;
  if (!greedy.serve() || resize(nullptr, 200 * kib) != nullptr) return 4;
  if (!calm.hold(800 * kib)) return 5;
  // What it got before stays its own, whoever is served now.
  return calm.is_connected() && greedy.is_connected() ? 0 : 6;
}

/// CONNARENA_BUDGET=2M
int over_the_budget_the_largest_goes() {
  programs::listener at;
  link small(at);
  link large(at);
  link middling(at);
  if (!small.hold(200 * kib) || !large.hold(900 * kib) || !middling.hold(700 * kib)) return 1;
  if (!small.is_connected() || !large.is_connected() || !middling.is_connected()) return 2;
  if (!small.hold(300 * kib)) return 3;
  if (!large.is_disconnected()) return 4;
  if (!small.is_connected() || !middling.is_connected()) return 5;
  // What the one that left still holds counts no more.
  if (!small.hold(300 * kib) || !small.is_connected() || !middling.is_connected()) return 6;
  if (!small.hold(900 * kib)) return 7;
  return small.is_disconnected() && middling.is_connected() ? 0 : 8;
}

/// CONNARENA_BUDGET=1M CONNARENA_LIMIT=1M CONNARENA_EXEMPT=...: whoever comes from 127.0.0.1
int exempt_stays() {
  programs::listener at;
  link one(at);
  link other(at);
  if (!one.hold(4 * mib) || !other.hold(4 * mib)) return 1;
  return one.is_connected() && other.is_connected() ? 0 : 2;
}

/// CONNARENA_LIMIT=1M: a loop that makes its buffer before it is known for whom.
int run_that_is_adopted_counts() {
  programs::listener at;
  link greedy(at);
  link calm(at);
  if (!greedy.serve() || !calm.serve()) return 1;
  pollfd none{};
  poll(&none, 0, 0);
  // Many, so that none is claimed by the first transfer.
  std::vector<char*> buffers;
  for (int i = 0; i < 12; ++i) {
    buffers.push_back(static_cast<char*>(std::malloc(300 * kib)));
    if (buffers.back() == nullptr) return 2;
  }
  for (int i = 0; i < 3; ++i) {
    if (write(greedy.server(), buffers[static_cast<std::size_t>(i)], 10) != 10) return 3;
  }
  if (!greedy.is_connected()) return 4;
  if (write(greedy.server(), buffers[3], 10) != 10) return 5;
  char byte = 0;
  const bool is_over = recv(greedy.server(), &byte, 1, MSG_DONTWAIT) == 0;
  for (char* const each : buffers) std::free(each);
  return is_over && calm.is_connected() ? 0 : 6;
}

/// CONNARENA_LIMIT=1M CONNARENA_SMALL=on
int small_blocks_count() {
  programs::listener at;
  link greedy(at);
  if (!greedy.hold(700 * kib, 100) || !greedy.is_connected()) return 1;
  return greedy.hold(700 * kib, 100) && greedy.is_disconnected() ? 0 : 2;
}

/// CONNARENA_LIMIT=1M: who has closed is nobody's to disconnect, whoever has its number.
int reused_descriptor_stays() {
  programs::listener at;
  for (int round = 0; round < 50; ++round) {
    link first(at);
    if (!first.hold(900 * kib)) return 1;
    const int number = first.server();
    const int client = at.reach();
    first.close_server();
    link second(at, client);
    if (second.server() != number) return 2;
    if (!first.take(700 * kib)) return 3;
    if (!second.is_connected() || !second.hold(200 * kib) || !second.is_connected()) return 4;
  }
  return 0;
}

/// CONNARENA_LIMIT=1M: a copy leads to the same socket.
int copy_is_disconnected() {
  programs::listener at;
  link greedy(at);
  const int copy = dup(greedy.server());
  if (!greedy.serve()) return 1;
  greedy.close_server();
  for (int i = 0; i < 40; ++i) {
    if (!greedy.take(50 * kib)) return 2;
  }
  char byte = 0;
  const bool is_over = recv(copy, &byte, 1, MSG_DONTWAIT) == 0;
  close(copy);
  return is_over ? 0 : 3;
}

/// CONNARENA_LIMIT=1M: in a child what the parent's connections hold counts as there.
int child_counts_anew() {
  programs::listener at;
  link greedy(at);
  if (!greedy.hold(600 * kib)) return 1;
  if (const pid_t child = fork(); child == 0) {
    const bool is_right = greedy.is_connected() && greedy.hold(mib) && greedy.is_disconnected();
    _exit(is_right ? 0 : 1);
  } else {
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) return 2;
  }
  return 0;
}

/// Until somebody sends the largest of its connections away.
int waits_until_one_is_disconnected() {
  programs::listener at;
  link calm(at);
  link greedy(at);
  if (!calm.hold(300 * kib) || !greedy.hold(2 * mib)) return 1;
  for (int i = 0; i < 600; ++i) {
    pollfd none{};
    poll(&none, 0, 100);
    if (greedy.is_disconnected()) return calm.is_connected() ? 0 : 2;
  }
  return 3;
}

/// Sleeps without an end in `wait(fd)`, until the connection is disconnected or for ever.
template <typename Wait>
int sleeps_until_disconnected(Wait wait) {
  programs::listener at;
  link greedy(at);
  if (!greedy.hold(2 * mib)) return 1;
  wait(greedy.server());
  return greedy.is_disconnected() ? 0 : 2;
}

int sleeps_in_poll() {
  return sleeps_until_disconnected([](int fd) {
    pollfd one{fd, POLLIN, 0};
    poll(&one, 1, -1);
  });
}

int sleeps_in_select() {
  return sleeps_until_disconnected([](int fd) {
    fd_set all;
    FD_ZERO(&all);
    FD_SET(fd, &all);
    select(fd + 1, &all, nullptr, nullptr, nullptr);
  });
}

int sleeps_in_epoll() {
  return sleeps_until_disconnected([](int fd) {
    const int all = epoll_create1(0);
    epoll_event event{EPOLLIN, {}};
    epoll_ctl(all, EPOLL_CTL_ADD, fd, &event);
    epoll_wait(all, &event, 1, -1);
  });
}

/// Until it is killed. Nobody closes who is disconnected.
int is_refused_and_stays() {
  programs::listener at;
  link calm(at);
  link greedy(at);
  if (!calm.hold(300 * kib) || greedy.hold(4 * mib)) return 1;
  for (int i = 0; i < 600; ++i) {
    pollfd none{};
    poll(&none, 0, 100);
  }
  return 2;
}

}  // namespace

int main(int count, char** words) {
  if (connarena_of_fd == nullptr) return programs::not_preloaded;
  constexpr programs::named_case cases[] = {
      {"above_its_limit_is_disconnected", above_its_limit_is_disconnected},
      {"at_its_limit_gets_no_more", at_its_limit_gets_no_more},
      {"over_the_budget_the_largest_goes", over_the_budget_the_largest_goes},
      {"exempt_stays", exempt_stays},
      {"run_that_is_adopted_counts", run_that_is_adopted_counts},
      {"small_blocks_count", small_blocks_count},
      {"reused_descriptor_stays", reused_descriptor_stays},
      {"copy_is_disconnected", copy_is_disconnected},
      {"child_counts_anew", child_counts_anew},
      {"waits_until_one_is_disconnected", waits_until_one_is_disconnected},
      {"is_refused_and_stays", is_refused_and_stays},
      {"sleeps_in_poll", sleeps_in_poll},
      {"sleeps_in_select", sleeps_in_select},
      {"sleeps_in_epoll", sleeps_in_epoll},
  };
  return programs::run_named(cases, count, words);
}
