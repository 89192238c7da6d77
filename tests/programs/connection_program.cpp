// connection_program CASE - what a program sees of its connections' arenas. Runs
// under the preload library and finds the C API through weak symbols.
//
// Exit codes: 0 as it should be, 1 to 9 what the case says, 20 not preloaded,
// 21 no such case.
#define CONNARENA_WEAK
#include <arpa/inet.h>
#include <connarena/connarena.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "programs/named_case.hpp"
#include "programs/own_figures.hpp"

namespace {

using programs::arenas;
using programs::resident_kib;

constexpr int failed_connects = 100000;

/// Room for counters that lag and for the C library's own buffers.
constexpr long allowed_growth_kib = 1024;

sockaddr_in loopback(in_port_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = port;
  return address;
}

/// A bound socket that does not listen keeps its port closed and ours.
in_port_t refusing_port() {
  const int holder = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  bind(holder, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(holder, reinterpret_cast<sockaddr*>(&address), &size);
  return address.sin_port;
}

int try_connect(int socket, in_port_t port) {
  const sockaddr_in address = loopback(port);
  return connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

/// What has closed ends where its thread waits.
void wait_for_nothing() { poll(nullptr, 0, 0); }

/// Whether a stretch left arenas or memory behind.
class no_trace {
 public:
  no_trace() : arenas_(arenas()), resident_kib_(resident_kib()) {}
  [[nodiscard]] int verdict() const {
    wait_for_nothing();
    if (arenas() != arenas_) return 1;
    return resident_kib() > resident_kib_ + allowed_growth_kib ? 2 : 0;
  }

 private:
  std::size_t arenas_;
  long resident_kib_;
};

int connects_refused_at_once() {
  const in_port_t port = refusing_port();
  const no_trace before;
  for (int i = 0; i < failed_connects; ++i) {
    const int link = socket(AF_INET, SOCK_STREAM, 0);
    if (try_connect(link, port) != -1 || errno != ECONNREFUSED) return 3;
    close(link);
  }
  return before.verdict();
}

int connects_refused_later() {
  const in_port_t port = refusing_port();
  const no_trace before;
  for (int i = 0; i < failed_connects; ++i) {
    const int link = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (try_connect(link, port) != -1) return 3;
    if (errno != EINPROGRESS && errno != ECONNREFUSED) return 4;
    pollfd writable{link, POLLOUT, 0};
    poll(&writable, 1, 10000);
    void* buffer = malloc(5000);  // what a program would send once connected
    free(buffer);
    close(link);
  }
  return before.verdict();
}

int connects_refused_on_one_descriptor() {
  const in_port_t port = refusing_port();
  const no_trace before;
  const int link = socket(AF_INET, SOCK_STREAM, 0);
  for (int i = 0; i < failed_connects; ++i) {
    if (try_connect(link, port) != -1) return 3;
  }
  close(link);
  return before.verdict();
}

int listener_and_port(in_port_t& port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  listen(listener, 16);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  port = address.sin_port;
  return listener;
}

/// Sends a byte and reads it into a buffer of the heap, as a connection does.
bool talk(int sender, int receiver) {
  char* buffer = static_cast<char*>(malloc(20000));
  const bool sent = write(sender, "x", 1) == 1;
  const bool received = sent && read(receiver, buffer, 20000) == 1;
  free(buffer);
  return received;
}

int reconnects_over_one_descriptor() {
  in_port_t port = 0;
  const int listener = listener_and_port(port);
  const no_trace before;
  const int link = socket(AF_INET, SOCK_STREAM, 0);
  for (int i = 0; i < 2000; ++i) {
    if (try_connect(link, port) != 0) return 3;
    const int served = accept(listener, nullptr, nullptr);
    if (!talk(link, served)) return 4;
    close(served);
    sockaddr none{};
    none.sa_family = AF_UNSPEC;  // dissolves the association; the descriptor stays
    if (connect(link, &none, sizeof none) != 0) return 5;
  }
  close(link);
  return before.verdict();
}

int connections_come_and_go() {
  in_port_t port = 0;
  const int listener = listener_and_port(port);
  const no_trace before;
  for (int i = 0; i < 5000; ++i) {
    const int link = socket(AF_INET, SOCK_STREAM, 0);
    if (try_connect(link, port) != 0) return 3;
    const int served = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (!talk(link, served) || !talk(served, link)) return 4;
    close(served);
    close(link);
  }
  return before.verdict();
}

int descriptor_names_its_arena() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 1;
  if (!talk(ends[0], ends[1])) return 2;
  const connarena_t arena = connarena_of_fd(ends[0]);
  if (arena == 0) return 3;
  if (connarena_of_fd(ends[1]) == arena) return 4;
  const connarena_t previous = connarena_enter(arena);
  void* buffer = malloc(10000);
  connarena_leave(previous);
  if (connarena_of(buffer) != arena) return 5;
  close(ends[0]);
  close(ends[1]);
  wait_for_nothing();
  connarena_stats stats{};
  if (connarena_get_stats(arena, &stats) != -1 || errno != ESTALE) return 6;
  memset(buffer, 'x', 10000);  // a survivor stays valid
  free(buffer);
  errno = 0;
  return connarena_of_fd(ends[0]) == 0 && errno == EBADF ? 0 : 7;
}

int duplicate_keeps_the_arena() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 1;
  if (!talk(ends[0], ends[1])) return 2;
  const connarena_t arena = connarena_of_fd(ends[0]);
  const int copy = dup(ends[0]);
  close(ends[0]);
  if (connarena_of_fd(copy) != arena || arena == 0) return 3;
  connarena_stats stats{};
  if (connarena_get_stats(arena, &stats) != 0) return 4;
  close(copy);
  return connarena_get_stats(arena, &stats) == -1 ? 0 : 5;
}

std::size_t retained_bytes_above_the_bound() {
  connarena_process_stats stats{};
  connarena_get_process_stats(&stats);
  const std::size_t bound = (std::size_t{2} << 20) + stats.live_bytes / 32;
  return stats.retained_bytes > bound ? stats.retained_bytes - bound : 0;
}

/// Writes to blocks of 1 MiB, and frees them but for every second one, if so asked.
void come_and_go(std::array<void*, 128>& blocks, std::size_t step) {
  constexpr std::size_t block_bytes = std::size_t{1} << 20;
  for (void*& each : blocks) {
    each = malloc(block_bytes);
    memset(each, 'x', block_bytes);
  }
  for (std::size_t i = 0; i < blocks.size(); i += step) free(blocks[i]);
}

/// Something to wait for that never comes. It has been waited for once.
pollfd never_ready() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return {};
  pollfd never{ends[0], POLLIN, 0};
  return poll(&never, 1, 0) == 0 ? never : pollfd{};
}

int wait_returns_idle_memory() {
  pollfd never = never_ready();
  if (never.events == 0) return 1;
  std::array<void*, 128> blocks{};
  come_and_go(blocks, 2);
  if (poll(&never, 1, 1000) != 0) return 2;
  if (retained_bytes_above_the_bound() != 0) return 3;
  for (std::size_t i = 1; i < blocks.size(); i += 2) free(blocks[i]);
  return 0;
}

int signal_ends_a_wait() {
  pollfd never = never_ready();
  if (never.events == 0) return 1;
  struct sigaction ignoring {};
  ignoring.sa_handler = [](int) {};
  if (sigaction(SIGALRM, &ignoring, nullptr) != 0) return 2;
  std::array<void*, 128> blocks{};
  for (int delay_us = 19000; delay_us < 30000; delay_us += 500) {
    come_and_go(blocks, 1);
    const itimerval alarm{{}, {0, delay_us}};
    if (setitimer(ITIMER_REAL, &alarm, nullptr) != 0) return 3;
    if (poll(&never, 1, 3000) != -1 || errno != EINTR) return 4;
  }
  return 0;
}

/// Serves a connection with small blocks, of which one survives it on top of the heap.
void* serve_and_close(bool waits) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0 || !talk(ends[0], ends[1]))
    return nullptr;
  pollfd writable{ends[0], POLLOUT, 0};
  if (waits && poll(&writable, 1, 1000) != 1) return nullptr;
  std::array<void*, 40000> blocks{};
  for (void*& each : blocks) {
    each = malloc(500);
    memset(each, 'x', 500);
  }
  for (std::size_t i = 0; i + 1 < blocks.size(); ++i) free(blocks[i]);
  close(ends[0]);
  close(ends[1]);
  return blocks.back();
}

int thread_that_ends_leaves_nothing_idle() {
  for (const bool waits : {true, false}) {
    const long before_kib = resident_kib();
    void* survivor = nullptr;
    std::thread([&] { survivor = serve_and_close(waits); }).join();
    if (survivor == nullptr) return 1;
    if (resident_kib() > before_kib + 4096) return waits ? 2 : 3;
    free(survivor);
  }
  return 0;
}

/// More than the machine has is refused where the system refuses it, and else given.
int refuses_what_the_system_refuses() {
  const std::size_t bytes = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * 4 * 4096;
  void* const mapped =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool is_refused = mapped == MAP_FAILED;
  if (!is_refused) munmap(mapped, bytes);
  errno = 0;
  void* (*volatile allocate)(std::size_t) = malloc;  // a compiler thinks it knows malloc
  void* const block = allocate(bytes);
  if ((block == nullptr) != is_refused) return 1;
  if (is_refused && errno != ENOMEM) return 2;
  free(block);
  return 0;
}

/// A limit on address space set by the running program leaves it room: for a thread's
/// stack, for a mapping, and for blocks of its connections.
int later_limit_leaves_room() {
  constexpr std::size_t mib = std::size_t{1} << 20;
  std::array<void*, 128> blocks{};
  come_and_go(blocks, 128);
  for (const rlim_t gib : {rlim_t{64}, rlim_t{4}, rlim_t{1}}) {
    const rlimit limit{gib << 30, RLIM_INFINITY};
    if (setrlimit(RLIMIT_AS, &limit) != 0) return 1;
    std::thread([] {}).join();
    void* const mapped =
        mmap(nullptr, 200 * mib, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return 2;
    munmap(mapped, 200 * mib);
    std::array<void*, 100> more{};
    for (void*& each : more) {
      each = malloc(mib);
      if (each == nullptr) return 3;
      memset(each, 'y', mib);
    }
    for (void* each : more) free(each);
  }
  for (std::size_t i = 1; i < blocks.size(); ++i) free(blocks[i]);
  return 0;
}

constexpr programs::named_case cases[] = {
    {"connects_refused_at_once", connects_refused_at_once},
    {"connects_refused_later", connects_refused_later},
    {"connects_refused_on_one_descriptor", connects_refused_on_one_descriptor},
    {"reconnects_over_one_descriptor", reconnects_over_one_descriptor},
    {"connections_come_and_go", connections_come_and_go},
    {"descriptor_names_its_arena", descriptor_names_its_arena},
    {"duplicate_keeps_the_arena", duplicate_keeps_the_arena},
    {"wait_returns_idle_memory", wait_returns_idle_memory},
    {"signal_ends_a_wait", signal_ends_a_wait},
    {"thread_that_ends_leaves_nothing_idle", thread_that_ends_leaves_nothing_idle},
    {"refuses_what_the_system_refuses", refuses_what_the_system_refuses},
    {"later_limit_leaves_room", later_limit_leaves_room},
};

}  // namespace

int main(int count, char** arguments) {
  if (connarena_get_process_stats == nullptr) return programs::not_preloaded;
  return programs::run_named(cases, count, arguments);
}
