// leaking_program CASE [CONNECTIONS] - a server that forgets blocks of each connection,
// one of 100 B, 1 KiB and 64 KiB each, under the preload library.
//
//   flat        resident memory does not grow with the connections
//   free-late   frees and reallocs what it forgot, of 200 connections, after their end
//   free-racing  another thread frees it while the connection ends
//   threads     starts a thread for each connection, whose stack the next one gets
//   worker-cache  a worker that the connection's thread wakes fills a cache, which stays
//   touch       writes to the 64 KiB it forgot
//   realloc     passes it to realloc
//   rhythm      forgets one block of eight that each connection has
//   forgetful-threads  starts a thread for each connection, which forgets its only block
//
// Exit codes: 0 as it should be, 1 memory grew, 2 a survivor could not be used,
// 9 no sockets, 21 no such case.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "programs/own_figures.hpp"

namespace {

using programs::resident_kib;

constexpr int no_such_case = 21;
constexpr std::array<std::size_t, 3> forgotten_bytes{100, 1024, 65536};
/// Three hundred connections leave as much where nothing ends.
constexpr long allowed_growth_kib = 4096;

using forgotten = std::array<char*, forgotten_bytes.size()>;

void forget(const forgotten&) {}

/// Serves a connection and forgets some of its blocks; shows them before it ends.
template <typename Show = decltype(&forget)>
forgotten serve_one(Show show = forget) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) std::exit(9);
  forgotten blocks{};
  if (write(ends[0], "x", 1) != 1) std::exit(9);
  const volatile std::size_t count = blocks.size();  // not unrolled: one place allocates
  for (std::size_t i = 0; i < count; ++i) {
    void* const temporary = malloc(forgotten_bytes[i] * 2);
    blocks[i] = static_cast<char*>(malloc(forgotten_bytes[i]));
    std::memset(blocks[i], 'x', forgotten_bytes[i]);
    free(temporary);
  }
  show(blocks);
  close(ends[0]);
  close(ends[1]);
  poll(nullptr, 0, 0);
  return blocks;
}

int stays_flat(long connections) {
  for (long i = 0; i < connections / 10; ++i) serve_one();
  const long before_kib = resident_kib();
  for (long i = 0; i < connections; ++i) serve_one();
  const long grown_kib = resident_kib() - before_kib;
  std::printf("%ld KiB more after %ld connections\n", grown_kib, connections);
  return grown_kib <= allowed_growth_kib ? 0 : 1;
}

int frees_late(long connections) {
  std::vector<forgotten> late;
  for (long i = 0; i < connections; ++i) late.push_back(serve_one());
  for (const forgotten& blocks : late) {
    for (char* each : blocks) free(each);
  }
  return 0;
}

int frees_while_connections_end(long connections) {
  static std::atomic<forgotten*> handed{nullptr};
  static std::atomic<bool> is_over{false};
  std::thread other([] {
    while (!is_over) {
      forgotten* const blocks = handed.exchange(nullptr);
      for (std::size_t i = 0; blocks != nullptr && i < blocks->size(); ++i) free((*blocks)[i]);
    }
  });
  forgotten blocks{};
  for (long i = 0; i < connections; ++i) {
    while (handed != nullptr) std::this_thread::yield();
    serve_one([&](const forgotten& made) {
      blocks = made;
      handed = &blocks;
    });
  }
  is_over = true;
  other.join();
  return 0;
}

[[gnu::noinline]] char* forget_one() {
  char* const block = static_cast<char*>(malloc(5000));
  block[0] = 'x';
  return block;
}

template <typename Serve>
int start_threads(long connections, Serve serve) {
  for (long i = 0; i < connections; ++i) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 9;
    if (write(ends[0], "x", 1) != 1) return 9;
    std::thread([&] {
      char byte = 0;
      if (read(ends[1], &byte, 1) != 1) std::exit(9);
      serve();
    }).join();
    close(ends[0]);
    close(ends[1]);
    poll(nullptr, 0, 0);
  }
  return 0;
}

/// Each connection of one server has eight blocks, of which the last stays.
int has_a_rhythm(long connections) {
  for (long i = 0; i < connections; ++i) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 9;
    if (write(ends[0], "x", 1) != 1) return 9;
    for (int j = 0; j < 7; ++j) {
      char* const temporary = static_cast<char*>(malloc(5000));
      temporary[0] = 'x';
      free(temporary);
    }
    if (forget_one() == nullptr) return 2;
    close(ends[0]);
    close(ends[1]);
    poll(nullptr, 0, 0);
  }
  return 0;
}

/// A worker, which does no I/O, makes a block for the program on behalf of each connection.
class worker {
 public:
  ~worker() {
    order(-1);
    thread_.join();
  }
  void order(int jobs) {
    std::unique_lock held(mutex_);
    jobs_ = jobs;
    wanted_.notify_one();
    done_.wait(held, [&] { return jobs_ <= 0; });
  }
  [[nodiscard]] bool keeps_all() const {
    return std::all_of(cache_.begin(), cache_.end(), [](char* block) {
      return block[0] == 'x' && block[cached_bytes - 1] == 'x';
    });
  }

 private:
  static constexpr std::size_t cached_bytes = 20000;
  void work() {
    std::unique_lock held(mutex_);
    for (;;) {
      wanted_.wait(held, [&] { return jobs_ != 0; });
      if (jobs_ < 0) return;
      cache_.push_back(static_cast<char*>(std::memset(malloc(cached_bytes), 'x', cached_bytes)));
      jobs_ = 0;
      done_.notify_one();
    }
  }
  std::mutex mutex_;
  std::condition_variable wanted_, done_;
  int jobs_ = 0;
  std::vector<char*> cache_;
  std::thread thread_{[this] { work(); }};
};

int fills_a_cache_by_a_worker(long connections) {
  worker other;
  for (long i = 0; i < connections; ++i) {
    std::array<int, 2> ends{};
    char byte = 'x';
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 9;
    if (write(ends[0], &byte, 1) != 1 || read(ends[1], &byte, 1) != 1) return 9;
    other.order(1);
    close(ends[0]);
    close(ends[1]);
    poll(nullptr, 0, 0);
  }
  return other.keeps_all() ? 0 : 2;
}

int touches() {
  const forgotten blocks = serve_one();
  blocks[2][5000] = 'y';
  return blocks[2][5000] == 'y' ? 0 : 2;
}

int reallocates() {
  const forgotten blocks = serve_one();
  char* const grown = static_cast<char*>(realloc(blocks[2], 100000));
  return grown != nullptr && grown[0] == 'x' ? 0 : 2;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view name = count > 1 ? words[1] : "";
  const long connections = count > 2 ? std::atol(words[2]) : 200;
  if (name == "flat") return stays_flat(connections);
  if (name == "free-late") return frees_late(connections);
  if (name == "free-racing") return frees_while_connections_end(connections);
  if (name == "threads") return start_threads(connections, [] {});
  if (name == "worker-cache") return fills_a_cache_by_a_worker(connections);
  if (name == "forgetful-threads") {
    return start_threads(connections, [] {
      if (forget_one() == nullptr) std::exit(2);
    });
  }
  if (name == "rhythm") return has_a_rhythm(connections);
  if (name == "touch") return touches();
  if (name == "realloc") return reallocates();
  return no_such_case;
}
