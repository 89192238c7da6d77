// counted_calls_program CASE - serves connections, and counts the system calls that its
// thread makes for them. Runs under the preload library or without it.
//
// Exit codes: 0 as many as the program makes itself, 1 more, 19 the system refused something,
// 20 no process may trace another, 21 no such case.
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "programs/listener.hpp"
#include "programs/named_case.hpp"
#include "programs/pair_of_ends.hpp"
#include "works/system_calls.hpp"

namespace {

using programs::expect;

constexpr std::size_t block_bytes = 16384;

/// Its clients are this thread's too, and connect before their calls are counted.
class server {
 public:
  static constexpr int connections = 16;  // as many as the listener lets wait
  server() {
    for (int& each : clients_) each = listener_.reach();
  }
  /// Each connection in its turn: a wait for events, accept, read, write, close.
  void serve_each() {
    for (const int client : clients_) {
      expect(write(client, "x", 1) == 1);
      pollfd arrival{listener_.fd(), POLLIN, 0};
      expect(poll(&arrival, 1, -1) == 1);
      const int fd = accept(listener_.fd(), nullptr, nullptr);
      char byte = 0;
      expect(fd >= 0 && read(fd, &byte, 1) == 1);
      void* const block = malloc(block_bytes);
      expect(write(fd, &byte, 1) == 1);
      free(block);
      expect(close(fd) == 0);
    }
  }
  static constexpr int calls_for_each = 6;

 private:
  programs::listener listener_;
  int clients_[connections];
};

int calls_are_the_programs(double counted, int own) {
  if (counted < 0) return programs::not_preloaded;
  if (counted > own) std::printf("%g calls, of which the program's are %d\n", counted, own);
  return counted > own ? 1 : 0;
}

int of_served_connections() {
  server warm;
  warm.serve_each();
  server here;
  return calls_are_the_programs(micro::system_calls_in([&] { here.serve_each(); }),
                                server::connections * server::calls_for_each);
}

constexpr int pairs = 50;
constexpr int calls_of_a_pair = 6;

/// Who never waits for events trims the base allocator between its calls.
void use_pairs() {
  for (int i = 0; i < pairs; ++i) {
    const programs::pair_of_ends ends = programs::connect_pair();
    char byte = 0;
    pollfd arrival{ends[1], POLLIN, 0};
    expect(write(ends[0], "x", 1) == 1 && poll(&arrival, 1, -1) == 1);
    expect(read(ends[1], &byte, 1) == 1);
    free(malloc(block_bytes));
    expect(close(ends[0]) == 0 && close(ends[1]) == 0);
  }
}

int of_pairs() {
  use_pairs();
  return calls_are_the_programs(micro::system_calls_in(use_pairs), pairs * calls_of_a_pair);
}

/// The first close after it asks who it is, once.
int of_pairs_after_vfork() {
  use_pairs();
  const pid_t child = vfork();
  if (child == 0) _exit(0);
  expect(child > 0 && waitpid(child, nullptr, 0) == child);
  use_pairs();
  return calls_are_the_programs(micro::system_calls_in(use_pairs), pairs * calls_of_a_pair);
}

#define CASE(name) \
  { #name, name }
constexpr programs::named_case cases[] = {
    CASE(of_served_connections),
    CASE(of_pairs),
    CASE(of_pairs_after_vfork),
};
#undef CASE

}  // namespace

int main(int count, char** words) { return programs::run_named(cases, count, words); }
