// attribution_server SHAPE [mute] - a test server that knows whose each block is.
//
// Says "port N", then answers every SIGUSR1 with a line, a sample: right, wrong and
// nobody's bytes of runs that I/O touches, of other runs, and of small blocks likewise.
// A mute one answers none, and has no thread for it: a loop is all there is of it then.
// Exit codes: 2 no such shape, 20 not preloaded, and 3, after a line that begins with
// "refused", where a shape cannot be had.
#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdio>
#include <string_view>
#include <thread>

#include "servers/ledger.hpp"
#include "servers/shapes.hpp"

namespace attribution {
namespace {

struct shape {
  std::string_view name;
  void (*serve)(int listener);
  const char* (*refusal)() = nullptr;  ///< why it cannot be had, or null
};

constexpr shape shapes[] = {
    {"threads", serve_by_threads},
    {"loop-after-read", serve_by_loop_after_read},
    {"loop-before-read", serve_by_loop_before_read},
    {"loop-all-before-read", serve_by_loop_all_before_read},
    {"pool", serve_by_pool},
    {"pool-without-io", serve_by_pool_without_io},
    {"counted-pool-without-io", serve_by_counted_pool_without_io},
    {"eventfd-pool-without-io", serve_by_eventfd_pool_without_io},
    {"explicit-pool", serve_by_explicit_pool},
    {"cache", serve_by_cache},
    {"ring", serve_by_ring, refusal_of_ring},
};

sigset_t only_the_question() {
  sigset_t only;
  ::sigemptyset(&only);
  ::sigaddset(&only, SIGUSR1);
  return only;
}

/// A listening socket; its port is the system's choice.
int listen_on_loopback(unsigned& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, any, size) != 0 || ::listen(listener, 1024) != 0) return -1;
  if (::getsockname(listener, any, &size) != 0) return -1;
  port = ntohs(address.sin_port);
  return listener;
}

/// SIGUSR1 is blocked on every thread, and taken here.
void answer_signals() {
  sigset_t asked = only_the_question();
  int signal = 0;
  while (::sigwait(&asked, &signal) == 0) {
    for (const tally& each : take_sample()) {
      std::printf("%lu %lu %lu ", each.right, each.wrong, each.nobody);
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}

int run(std::string_view name, bool is_mute) {
  for (const shape& each : shapes) {
    if (each.name != name) continue;
    if (const char* const why = each.refusal != nullptr ? each.refusal() : nullptr) {
      std::printf("refused: %s\n", why);
      return 3;
    }
    unsigned port = 0;
    const int listener = listen_on_loopback(port);
    if (listener < 0) return 1;
    if (!is_mute) {
      sigset_t asked = only_the_question();
      ::pthread_sigmask(SIG_BLOCK, &asked, nullptr);
      std::thread(answer_signals).detach();
    }
    std::printf("port %u\n", port);
    std::fflush(stdout);
    each.serve(listener);
  }
  return 2;
}

}  // namespace
}  // namespace attribution

int main(int count, char** words) {
  constexpr int not_preloaded = 20;
  if (connarena_of == nullptr) return not_preloaded;
  std::signal(SIGPIPE, SIG_IGN);
  const bool is_mute = count == 3 && std::string_view(words[2]) == "mute";
  return attribution::run(count == 2 || is_mute ? words[1] : "", is_mute);
}
