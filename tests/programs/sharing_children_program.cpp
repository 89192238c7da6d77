// sharing_children_program CASE - children that run in their parent's memory, with
// descriptors of their own, and what they leave of its connections. Runs under the preload
// library and finds the C API through weak symbols.
//
// Exit codes: 0 as it should be, 1 to 9 what the case says, 18 the child could not, 19 the
// system refused something, 20 not preloaded, 21 no such case.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

#include "programs/named_case.hpp"
#include "programs/pair_of_ends.hpp"

namespace {

using programs::connect_pair;
using programs::expect;
using programs::pair_of_ends;

constexpr std::size_t buffer_bytes = 20000;
constexpr int child_failed = 18;

/// Two connections, and a third one's numbers, that children treat as their own.
struct parents {
  pair_of_ends kept = connect_pair();
  pair_of_ends copied = connect_pair();
  connarena_t arena = 0;
  char* state = nullptr;

  parents() {
    expect(write(kept[0], "x", 1) == 1);
    arena = connarena_of_fd(kept[0]);
    state = strcpy(static_cast<char*>(malloc(buffer_bytes)), "state");
  }
  /// What a child does with its copies of them.
  [[nodiscard]] int use_up() const {
    if (dup2(copied[0], kept[1]) != kept[1] || close(kept[0]) != 0) return child_failed;
    pair_of_ends own{};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, own.data()) != 0) return child_failed;
    for (const int fd : own) close(fd);
    return close_range(static_cast<unsigned>(copied[0]), static_cast<unsigned>(copied[1]), 0) == 0
               ? 0
               : child_failed;
  }
  /// Whether it is as if there had been no child; then they are closed.
  [[nodiscard]] int result() const {
    for (int i = 0; i < 3; ++i) poll(nullptr, 0, 1);
    if (arena == 0 || connarena_of_fd(kept[0]) != arena || connarena_of(state) != arena) return 1;
    if (strcmp(state, "state") != 0) return 2;
    const connarena_t other = connarena_of_fd(copied[0]);
    if (other == 0 || connarena_of_fd(kept[1]) == other) return 3;
    free(state);
    for (const int fd : {kept[0], kept[1], copied[0], copied[1]}) close(fd);
    poll(nullptr, 0, 0);
    connarena_stats stats{};
    return connarena_get_stats(arena, &stats) == 0 ? 4 : 0;
  }
};

void await(pid_t child) {
  int status = -1;
  expect(child > 0 && waitpid(child, &status, __WALL) == child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) exit(child_failed);
}

// Of vfork.

[[gnu::noinline]] pid_t vfork_and_use_up(const parents& of) {
  const pid_t child = vfork();
  if (child == 0) _exit(of.use_up());
  return child;
}

int of_vfork() {
  const parents of;
  await(vfork_and_use_up(of));
  return of.result();
}

/// The thread closes and opens again between children, and after the last.
int of_vfork_after_vfork() {
  for (int i = 0; i < 5; ++i) {
    const int result = of_vfork();
    if (result != 0) return result;
  }
  return 0;
}

int of_vfork_within_vfork() {
  const parents of;
  const pid_t child = vfork();
  if (child == 0) {
    const pid_t inner = vfork();
    if (inner == 0) _exit(of.use_up());
    // It is a child itself still.
    _exit(inner > 0 ? of.use_up() : child_failed);
  }
  await(child);
  return of.result();
}

int of_vfork_that_executes() {
  const parents of;
  static std::array<char*, 2> words{const_cast<char*>("true"), nullptr};
  const pid_t child = vfork();
  if (child == 0) {
    if (of.use_up() != 0) _exit(child_failed);
    execv("/bin/true", words.data());
    _exit(child_failed);
  }
  await(child);
  return of.result();
}

int of_vfork_in_threads() {
  std::array<int, 4> results{};
  std::vector<std::thread> threads;
  for (int& each : results) {
    threads.emplace_back([&each] {
      for (int i = 0; i < 20 && each == 0; ++i) each = of_vfork();
    });
  }
  for (std::thread& each : threads) each.join();
  for (const int each : results) {
    if (each != 0) return each;
  }
  return 0;
}

// Of clone.

constexpr std::size_t stack_bytes = 1 << 16;

char* stack_end() {
  void* const stack = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  expect(stack != MAP_FAILED);
  return static_cast<char*>(stack) + stack_bytes;
}

int use_up_and_end(void* of) { _exit(static_cast<const parents*>(of)->use_up()); }

int of_clone(int flags) {
  parents of;
  await(clone(use_up_and_end, stack_end(), flags | CLONE_VM | SIGCHLD, &of));
  return of.result();
}
int of_clone_that_waits() { return of_clone(CLONE_VFORK); }

/// The parent goes on, and so finds itself the parent, before the child does anything.
struct ordered {
  parents of;
  pair_of_ends order = connect_pair();
};

int use_up_when_told(void* given) {
  auto* const told = static_cast<ordered*>(given);
  char word = 0;
  if (syscall(SYS_read, told->order[1], &word, 1) != 1) _exit(child_failed);
  _exit(told->of.use_up());
}

int of_clone_beside_its_parent() {
  ordered told;
  const pid_t child = clone(use_up_when_told, stack_end(), CLONE_VM | SIGCHLD, &told);
  expect(child > 0);
  const pair_of_ends passing = connect_pair();
  for (const int fd : passing) close(fd);
  expect(write(told.order[0], "x", 1) == 1);
  await(child);
  return told.of.result();
}

#ifdef __x86_64__
const parents* known = nullptr;
[[noreturn]] void use_up_known() { _exit(known->use_up()); }

/// The child's stack begins with where the C library's function returns to.
int of_clone_by_number() {
  const parents of;
  known = &of;
  char* const stack = stack_end() - 64;
  void (*const begin)() = use_up_known;
  memcpy(stack, &begin, sizeof begin);
  await(static_cast<pid_t>(
      syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, stack, nullptr, nullptr, nullptr)));
  return of.result();
}
#endif

#define CASE(name) \
  { #name, name }
constexpr programs::named_case cases[] = {
    CASE(of_vfork),
    CASE(of_vfork_after_vfork),
    CASE(of_vfork_within_vfork),
    CASE(of_vfork_that_executes),
    CASE(of_vfork_in_threads),
    CASE(of_clone_that_waits),
    CASE(of_clone_beside_its_parent),
#ifdef __x86_64__
    CASE(of_clone_by_number),
#endif
};
#undef CASE

}  // namespace

int main(int count, char** words) {
  if (connarena_of_fd == nullptr) return programs::not_preloaded;
  if (count == 2 && std::string_view(words[1]) == "list") {
    for (const programs::named_case& each : cases) puts(each.name.data());
    return 0;
  }
  return programs::run_named(cases, count, words);
}
