// sessions.cpp - a thousand HTTP/2 sessions of nghttp2, each on a heap of its own.
//
//   sessions HEAP [NUMBER]
//
// Opens the sessions, lets all of them answer 20 requests, one each in turn, and ends them.
// Prints resident memory in KiB with all open and a second after the last has ended, both
// less what there was before the first, and CPU time in ms to open and serve and to end. No
// network: what the peer sends was recorded, and what it would get is dropped.
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "sessions/heap_kinds.hpp"
#include "sessions/requests.hpp"
#include "works/process_memory.hpp"

namespace {

using sessions::heap_kind;

constexpr unsigned requests_of_each = 20;

struct session {
  void* heap;
  nghttp2_session* at;
};

double cpu_ms() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

[[noreturn]] void fail(const char* why) {
  std::fprintf(stderr, "sessions: %s\n", why);
  std::exit(1);
}

const heap_kind& kind_named(std::string_view name) {
  for (const heap_kind& each : sessions::heap_kinds()) {
    if (each.name != name) continue;
    if (!each.is_here()) fail("not started under that allocator");
    return each;
  }
  fail("no such heap");
}

session open(const heap_kind& kind, const nghttp2_session_callbacks* calls) {
  session made{kind.open(), nullptr};
  nghttp2_mem memory = kind.calls;
  memory.mem_user_data = made.heap;
  if (nghttp2_session_server_new3(&made.at, calls, nullptr, nullptr, &memory) != 0 ||
      nghttp2_submit_settings(made.at, NGHTTP2_FLAG_NONE, nullptr, 0) != 0) {
    fail("a session does not open");
  }
  return made;
}

void serve_all(const std::vector<session>& open,
               const std::vector<std::vector<std::uint8_t>>& requests) {
  for (const auto& request : requests) {
    for (const session& each : open) {
      if (!sessions::serve(each.at, request)) fail("a session fails");
    }
  }
}

/// As an event loop does in which nothing happens.
void wait_a_second(const heap_kind& kind) {
  using std::chrono::milliseconds;
  const auto end = std::chrono::steady_clock::now() + milliseconds(1100);
  while (true) {
    const int more_ms = kind.say_idle == nullptr ? -1 : kind.say_idle();
    const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    const int left_ms = static_cast<int>(left.count());
    poll(nullptr, 0, more_ms < 0 ? left_ms : std::min(more_ms, left_ms));
  }
}

/// In KiB.
long grown_since(std::size_t resident_bytes) {
  return (static_cast<long>(micro::resident_bytes()) - static_cast<long>(resident_bytes)) / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) fail("which heap?");
  const heap_kind& kind = kind_named(argv[1]);
  const std::size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1000;
  const auto requests = sessions::record_requests(requests_of_each);
  nghttp2_session_callbacks* const calls = sessions::server_calls();
  std::vector<session> all(count);
  const std::size_t before = micro::resident_bytes();

  const double start_ms = cpu_ms();
  for (session& each : all) each = open(kind, calls);
  serve_all(all, requests);
  const double open_ms = cpu_ms() - start_ms;
  const long open_kib = grown_since(before);

  const double ending_ms = cpu_ms();
  for (const session& each : all) kind.end(each.heap, each.at);
  const double end_ms = cpu_ms() - ending_ms;
  wait_a_second(kind);
  std::printf("%ld %ld %.1f %.1f\n", open_kib, grown_since(before), open_ms, end_ms);
}
