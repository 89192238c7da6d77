// process_cases.cpp - limits on address space, ends of a process that run no
// destructor, plug-ins, handlers around a fork, children in this memory, and sandboxes.
#include <dlfcn.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>

#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

namespace wrappers {
namespace {

/// `limit(bytes)` sets the soft limit on address space.
template <typename Limit>
bool shrinks_the_reservation(Limit limit) {
  free(malloc(run_bytes));
  const std::size_t before = process_stats().reserved_bytes;
  return before > 0 && limit(before) == 0 && process_stats().reserved_bytes <= before / 4;
}

template <typename Structure>
Structure soft_limit(std::size_t bytes) {
  return {bytes, RLIM_INFINITY};
}

/// A first step of the reservation alone is larger.
template <typename Lock>
bool locks_little(Lock lock) {
  free(malloc(run_bytes));
  return lock() == 0 && process_stats().reserved_bytes < 16 << 20;
}

/// Addresses are reserved in long steps again.
bool reserves_ahead() {
  const std::size_t before = process_stats().reserved_bytes;
  void* const block = malloc(std::size_t{256} << 20);
  free(block);
  return process_stats().reserved_bytes >
         before + (std::size_t{256} << 20) + (std::size_t{64} << 20);
}

/// Runs this program again, which ends by the call of that name, and reads what the
/// preload library reports of it on standard error.
bool is_reported(const char* name) {
  std::array<int, 2> tube{};
  if (pipe(tube.data()) != 0) return false;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, tube[1], STDERR_FILENO);
  std::array<char*, 4> words{const_cast<char*>("wrapper_program"), const_cast<char*>("end"),
                             const_cast<char*>(name), nullptr};
  setenv("CONNARENA_REPORT", "stderr", 1);
  pid_t child = 0;
  if (posix_spawn(&child, "/proc/self/exe", &actions, nullptr, words.data(), environ) != 0) {
    return false;
  }
  close(tube[1]);
  std::array<char, 4096> report{};
  std::size_t used = 0;
  for (ssize_t got = 1; got > 0 && used + 1 < report.size();
       used += static_cast<std::size_t>(got)) {
    got = read(tube[0], report.data() + used, report.size() - 1 - used);
    if (got < 0) return false;
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && status == 0 &&
         std::strstr(report.data(), "ended after") != nullptr;
}

/// A plug-in that would find the C library's malloc first frees a block of ours.
bool dlopen_holds() {
  void* const plug_in = dlopen(FREEING_PLUG_IN, RTLD_NOW | RTLD_DEEPBIND);
  if (plug_in == nullptr) return false;
  int (*plug_in_main)(void*) = nullptr;
  void* const found = dlsym(plug_in, "plug_in_main");
  std::memcpy(&plug_in_main, &found, sizeof found);
  return plug_in_main(malloc(run_bytes)) == 0;
}

/// Set where handlers are to call malloc.
bool is_forking = false;

void call_malloc() {
  if (is_forking) free(malloc(run_bytes));
}

/// Before any constructor, and so before anybody's handlers.
void register_first_handlers() { pthread_atfork(call_malloc, call_malloc, call_malloc); }

[[gnu::section(".preinit_array"), gnu::used]] void (*first_of_all)() = register_first_handlers;

/// They find malloc usable: without that the process waits for itself.
bool first_handlers_call_malloc() {
  alarm(10);
  is_forking = true;
  const pid_t child = fork();
  if (child == 0) _exit(0);
  int status = -1;
  return waitpid(child, &status, 0) == child && status == 0;
}

/// The names that the C library's headers do not give.
extern "C" pid_t __vfork();
extern "C" int __clone(int (*)(void*), void*, int, void*, ...);

bool has_lost_nothing(const connection& link, pid_t child) {
  int status = -1;
  return waitpid(child, &status, 0) == child && status == 0 && connarena_of_fd(link.near()) != 0;
}

/// A macro: a function of ours that calls vfork must not return in the child.
#define CONNARENA_CHILD_CLOSES(name)                        \
  [] {                                                      \
    const connection link;                                  \
    const pid_t child = name();                             \
    if (child == 0) _exit(close(link.near()) == 0 ? 0 : 1); \
    return has_lost_nothing(link, child);                   \
  }

template <typename Clone>
bool cloned_child_closes(Clone make) {
  static char stack[1 << 16];
  const connection link;
  const auto close_it = [](void* of) {
    return close(static_cast<const connection*>(of)->near()) == 0 ? 0 : 1;
  };
  const pid_t child = make(+close_it, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD,
                           const_cast<connection*>(&link));
  return has_lost_nothing(link, child);
}

/// Enters a sandbox in which mprotect kills, and asks for more memory than has been
/// made usable with it.
template <typename Enter>
bool malloc_works_in_a_sandbox(Enter enter) {
  std::array<sock_filter, 4> steps{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{steps.size(), steps.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || enter(&filter) != 0) return false;
  void* blocks[20];
  for (void*& each : blocks) {
    each = malloc(10 << 20);
    if (each == nullptr) return false;
  }
  for (void* each : blocks) free(each);
  return true;
}

// clang-format off
constexpr wrapper_case cases[] = {
    {"setrlimit", [] { return shrinks_the_reservation([](std::size_t bytes) { const auto soft = soft_limit<rlimit>(bytes); return setrlimit(RLIMIT_AS, &soft); }); }},
    {"setrlimit64", [] { return shrinks_the_reservation([](std::size_t bytes) { const auto soft = soft_limit<rlimit64>(bytes); return setrlimit64(RLIMIT_AS, &soft); }); }},
    {"prlimit", [] { return shrinks_the_reservation([](std::size_t bytes) { const auto soft = soft_limit<rlimit>(bytes); return prlimit(0, RLIMIT_AS, &soft, nullptr); }); }},
    {"prlimit64", [] { return shrinks_the_reservation([](std::size_t bytes) { const auto soft = soft_limit<rlimit64>(bytes); return prlimit64(getpid(), RLIMIT_AS, &soft, nullptr); }); }},
    {"mlockall", [] { return locks_little([] { return mlockall(MCL_CURRENT | MCL_FUTURE); }); }},
    {"munlockall", [] { return mlockall(MCL_FUTURE) == 0 && munlockall() == 0 && reserves_ahead(); }},
    {"_exit", [] { return is_reported("_exit"); }},
    {"_Exit", [] { return is_reported("_Exit"); }},
    {"dlopen", dlopen_holds},
    {"prctl", [] { return malloc_works_in_a_sandbox([](const sock_fprog* filter) { return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter); }); }},
    {"syscall", [] { return malloc_works_in_a_sandbox([](const sock_fprog* filter) { return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter); }); }},
    {"__register_atfork", first_handlers_call_malloc},
    {"vfork", CONNARENA_CHILD_CLOSES(vfork)},
    {"__vfork", CONNARENA_CHILD_CLOSES(__vfork)},
    {"clone", [] { return cloned_child_closes(clone); }},
    {"__clone", [] { return cloned_child_closes(__clone); }},
};
// clang-format on

}  // namespace

case_list process_cases() { return cases; }

}  // namespace wrappers
