// crowd_program - one thread opens as many connections as the process may have, each
// with a block of its own; another closes them, while a large block is there.
//
// Exit codes: 0, 1 no sockets, 2 nothing could be sent, 3 idle memory stays.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <future>
#include <thread>
#include <vector>

#include "harness/deadline.hpp"

namespace {

constexpr std::size_t large_bytes = std::size_t{100} << 20;
constexpr std::size_t most_pairs = 9000;
constexpr std::size_t other_files = 100;

struct connection {
  int socket;
  void* block;
};

std::size_t possible_pairs() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 2 * most_pairs + other_files);
  setrlimit(RLIMIT_NOFILE, &files);
  return (files.rlim_cur - other_files) / 2;
}

int open_all(std::vector<connection>& crowd) {
  for (std::size_t left = possible_pairs(); left > 0; --left) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 1;
    for (const int end : ends) {
      if (write(end, "x", 1) != 1) return 2;
      crowd.push_back({end, malloc(100)});
    }
  }
  return 0;
}

}  // namespace

int main() {
  std::vector<connection> crowd;
  std::promise<int> opened;
  std::promise<void> closed;
  std::thread opener([&] {
    opened.set_value(open_all(crowd));
    closed.get_future().wait();  // its arenas have a living owner
  });
  const int failure = opened.get_future().get();
  char* volatile large = static_cast<char*>(malloc(large_bytes));
  std::memset(large, 'x', large_bytes);
  for (const connection& each : crowd) {
    free(each.block);
    close(each.socket);
  }
  free(large);
  const auto is_idle = [] { return connarena_idle() < 0; };
  const bool is_returned = harness::wait_until(is_idle);
  closed.set_value();
  opener.join();
  return is_returned ? failure : 3;
}
