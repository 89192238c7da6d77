// late_program CASE - calls malloc where a fork, a thread or the process is about to
// change or end. Runs with the preload library and without it.
//
//   fork     in handlers around a fork, of which the first was registered before
//            anybody's, while another thread works
//   threads  in destructors of thread_local objects and of thread-specific values,
//            which also close the connection that the thread served
//   exit     in functions for the end of the process, and in destructors
//
// Exit codes: 0 all is well, 1 a block was lost, 2 a child ended badly, 3 arenas were
// left, 4 memory was left, 5 no sockets, 21 no such case.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

#include "programs/own_figures.hpp"

namespace {

using programs::arenas;
using programs::resident_kib;

constexpr int no_such_case = 21;

/// Blocks that know their contents.
class batch {
 public:
  explicit batch(char mark) : mark_(mark) {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      blocks_[i] = static_cast<char*>(std::memset(malloc(size_of(i)), mark_, size_of(i)));
    }
  }
  batch(const batch&) = delete;
  batch& operator=(const batch&) = delete;
  ~batch() {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (blocks_[i][0] != mark_ || blocks_[i][size_of(i) - 1] != mark_) _exit(1);
      free(blocks_[i]);
    }
  }

 private:
  static std::size_t size_of(std::size_t i) { return std::size_t{40} << i; }
  char mark_;
  std::array<char*, 12> blocks_;
};

/// A connection that the calling thread serves.
class served_connection {
 public:
  served_connection() {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends_) != 0 || write(ends_[0], "x", 1) != 1) _exit(5);
  }
  served_connection(const served_connection&) = delete;
  served_connection& operator=(const served_connection&) = delete;
  ~served_connection() {
    close(ends_[0]);
    close(ends_[1]);
  }

 private:
  int ends_[2] = {-1, -1};
};

// --- fork

bool are_handlers_on = false;
batch* over_fork = nullptr;

void before_fork() {
  if (are_handlers_on) over_fork = new batch('f');
}
void after_fork() {
  delete over_fork;
  over_fork = nullptr;
  if (are_handlers_on) batch('g');
}

void register_handlers() { pthread_atfork(before_fork, after_fork, after_fork); }

[[gnu::section(".preinit_array"), gnu::used]] void (*first)() = register_handlers;

bool child_ends_well() {
  const pid_t child = fork();
  if (child == 0) {
    { const batch own('c'); }
    _exit(0);
  }
  int status = -1;
  return waitpid(child, &status, 0) == child && status == 0;
}

int fork_with_handlers() {
  register_handlers();
  are_handlers_on = true;
  std::atomic<bool> stop{false};
  std::thread working([&] {
    const served_connection link;
    while (!stop) batch('w');
  });
  const served_connection link;
  bool is_well = true;
  for (int i = 0; i < 50 && is_well; ++i) is_well = child_ends_well();
  stop = true;
  working.join();
  return is_well ? 0 : 2;
}

// --- threads

pthread_key_t key;

/// Sets its own value again for as often as the C library allows.
void destroy_value(void* value) {
  delete static_cast<batch*>(value);
  thread_local int rounds = 0;
  if (++rounds < 4) pthread_setspecific(key, new batch('k'));
}

struct thread_object {
  served_connection* link = nullptr;
  batch* blocks = nullptr;
  ~thread_object() {
    const batch late('l');
    delete blocks;
    delete link;
    const batch later('m');
  }
};
thread_local thread_object of_thread;

void run_thread() {
  of_thread.link = new served_connection;
  of_thread.blocks = new batch('t');
  pthread_setspecific(key, new batch('v'));
}

int end_threads() {
  constexpr int warm_up = 20;
  constexpr int threads = 500;
  constexpr long allowed_growth_kib = 2048;
  if (pthread_key_create(&key, destroy_value) != 0) return 5;
  for (int i = 0; i < warm_up; ++i) std::thread(run_thread).join();
  const std::size_t arenas_before = arenas();
  const long before_kib = resident_kib();
  for (int i = 0; i < threads; ++i) std::thread(run_thread).join();
  if (arenas() != arenas_before) return 3;
  return resident_kib() <= before_kib + allowed_growth_kib ? 0 : 4;
}

// --- exit

struct end_object {
  served_connection link;
  batch blocks{'e'};
  ~end_object() { const batch late('n'); }
};

int exit_with_destructors() {
  static end_object of_process;
  std::atexit([] { const batch late('a'); });
  static batch after{'b'};
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view name = count == 2 ? words[1] : "";
  if (name == "fork") return fork_with_handlers();
  if (name == "threads") return end_threads();
  if (name == "exit") return exit_with_destructors();
  return no_such_case;
}
