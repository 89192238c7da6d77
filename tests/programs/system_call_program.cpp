// system_call_program CASE - calls that a program makes by their numbers, or that the system
// refuses, have the effect on connections that the system gave them. Runs under the preload
// library and finds the C API through weak symbols.
//
// Exit codes: 0 as it should be, 1 to 9 what the case says, 19 the system refused something,
// 20 not preloaded, 21 no such case.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "programs/bare_call.hpp"
#include "programs/listener.hpp"
#include "programs/named_case.hpp"
#include "programs/pair_of_ends.hpp"

namespace {

constexpr std::size_t buffer_bytes = 20000;

using programs::expect;
using programs::pair_of_ends;

/// By the number of the call.
pair_of_ends connect_pair() {
  pair_of_ends ends{};
  expect(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  return ends;
}

bool is_open(connarena_t arena) {
  poll(nullptr, 0, 0);  // what has closed ends where its thread waits
  connarena_stats stats{};
  return arena != 0 && connarena_get_stats(arena, &stats) == 0;
}

template <typename Close>
bool ends_by(Close close_it) {
  const pair_of_ends ends = connect_pair();
  const connarena_t arena = connarena_of_fd(ends[0]);
  return is_open(arena) && close_it(ends[0]) == 0 && !is_open(arena) &&
         connarena_of_fd(ends[0]) == 0;
}

// What libuv does.
int close_by_number_ends_the_connection() {
  if (!ends_by([](int fd) { return syscall(SYS_close, fd); })) return 1;
  const auto by_range = [](int fd) { return syscall(SYS_close_range, fd, fd, 0); };
  if (!ends_by(by_range)) return 2;
  const auto by_copy = [](int fd) { return syscall(SYS_dup2, 2, fd) == fd ? 0 : -1; };
  return ends_by(by_copy) ? 0 : 3;
}

int copies_by_number_keep_the_connection() {
  const pair_of_ends ends = connect_pair();
  const connarena_t arena = connarena_of_fd(ends[0]);
  const std::array<int, 4> copies{
      static_cast<int>(syscall(SYS_dup, ends[0])),
      static_cast<int>(syscall(SYS_dup2, ends[0], 60)),
      static_cast<int>(syscall(SYS_dup3, ends[0], 61, O_CLOEXEC)),
      static_cast<int>(syscall(SYS_fcntl, ends[0], F_DUPFD_CLOEXEC, 62)),
  };
  syscall(SYS_close, ends[0]);
  for (const int copy : copies) {
    if (copy < 0 || connarena_of_fd(copy) != arena || !is_open(arena)) return 1;
    syscall(SYS_close, copy);
  }
  return is_open(arena) ? 2 : 0;
}

template <typename Transfer>
bool serves_after(Transfer transfer) {
  const pair_of_ends ends = connect_pair();
  expect(write(ends[1], "xy", 2) == 2 && write(ends[0], "xy", 2) == 2);
  poll(nullptr, 0, 0);
  if (transfer(ends[0]) != 1) return false;
  void* const block = malloc(buffer_bytes);
  const bool is_its_own =
      connarena_of(block) == connarena_of_fd(ends[0]) && connarena_of(block) != 0;
  free(block);
  close(ends[0]);
  close(ends[1]);
  return is_its_own;
}

int transfers_by_number_serve_the_connection() {
  char byte = 'x';
  iovec part{&byte, 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!serves_after([&](int fd) { return syscall(SYS_read, fd, &byte, 1); })) return 1;
  if (!serves_after([&](int fd) { return syscall(SYS_write, fd, &byte, 1); })) return 2;
  if (!serves_after([&](int fd) { return syscall(SYS_readv, fd, &part, 1); })) return 3;
  if (!serves_after([&](int fd) { return syscall(SYS_writev, fd, &part, 1); })) return 4;
  if (!serves_after([&](int fd) { return syscall(SYS_recvfrom, fd, &byte, 1, 0, 0, 0); })) return 5;
  if (!serves_after([&](int fd) { return syscall(SYS_sendto, fd, &byte, 1, 0, 0, 0); })) return 6;
  if (!serves_after([&](int fd) { return syscall(SYS_recvmsg, fd, &message, 0); })) return 7;
  return serves_after([&](int fd) { return syscall(SYS_sendmsg, fd, &message, 0); }) ? 0 : 8;
}

int accept_by_number_begins_a_connection() {
  programs::listener here;
  const int client = here.reach();
  expect(client >= 0);
  const auto server = static_cast<int>(syscall(SYS_accept4, here.fd(), nullptr, nullptr, 0));
  if (server < 0 || connarena_of_fd(server) == 0) return 1;
  return syscall(SYS_close, server) == 0 && connarena_of_fd(server) == 0 ? 0 : 2;
}

/// A waiting call: what its thread closed before ends there.
int wait_by_number_is_a_wait() {
  const pair_of_ends ends = connect_pair();
  expect(write(ends[0], "x", 1) == 1);
  void* const survivor = malloc(buffer_bytes);
  const connarena_t arena = connarena_of_fd(ends[0]);
  syscall(SYS_close, ends[0]);
  connarena_stats stats{};
  if (connarena_get_stats(arena, &stats) != 0) return 1;
  syscall(SYS_poll, nullptr, 0, 0);
  if (connarena_get_stats(arena, &stats) == 0) return 2;
  free(survivor);
  return 0;
}

/// All six arguments, the result and errno are the system's.
int other_calls_pass_unchanged() {
  errno = 0;
  if (syscall(SYS_getpid) != getpid() || errno != 0) return 1;
  if (syscall(SYS_close, -1) != -1 || errno != EBADF) return 2;
  void* const page = reinterpret_cast<void*>(
      syscall(SYS_mmap, nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L));
  if (page == MAP_FAILED || *static_cast<char*>(page) != 0) return 3;
  errno = 0;
  return syscall(100000L) == -1 && errno == ENOSYS ? 0 : 4;
}

/// Not a point where a thread can be cancelled, as the function would be.
int close_by_number_is_not_cancelled() {
  static pair_of_ends ends;
  ends = connect_pair();
  pthread_t thread{};
  const auto closes = [](void*) -> void* {
    pthread_cancel(pthread_self());
    syscall(SYS_close, ends[0]);
    return connarena_of_fd(ends[0]) == 0 ? &ends : nullptr;
  };
  expect(pthread_create(&thread, nullptr, closes, nullptr) == 0);
  void* result = nullptr;
  expect(pthread_join(thread, &result) == 0);
  return result == &ends ? 0 : 1;
}

/// With release: what a program keeps of a file that got the number of a connection.
int file_in_place_of_a_connection_keeps_its_buffer(long (*close_it)(int)) {
  programs::listener here;
  const int first = here.reach();
  const int second = here.reach();
  const int server = accept(here.fd(), nullptr, nullptr);
  expect(first >= 0 && second >= 0 && server >= 0 && write(server, "x", 1) == 1);
  expect(close_it(server) == 0);
  const int file = open("/proc/self/status", O_RDONLY);
  std::array<char, 100> read_bytes{};
  expect(file == server && read(file, read_bytes.data(), read_bytes.size()) > 0);
  constexpr const char* text = "configuration read from a file";
  char* const small = strcpy(static_cast<char*>(malloc(100)), text);
  char* const large = strcpy(static_cast<char*>(malloc(buffer_bytes)), text);
  expect(close_it(file) == 0);
  expect(accept(here.fd(), nullptr, nullptr) == server);
  for (int i = 0; i < 3; ++i) poll(nullptr, 0, 1);
  if (strcmp(small, text) != 0 || strcmp(large, text) != 0) return 1;
  free(small);
  free(large);
  return 0;
}

int file_keeps_its_buffer_after_closes_by_number() {
  return file_in_place_of_a_connection_keeps_its_buffer(
      [](int fd) { return syscall(SYS_close, fd); });
}
int file_keeps_its_buffer_after_unseen_closes() {
  return file_in_place_of_a_connection_keeps_its_buffer(programs::close_unseen);
}
/// The file's descriptor comes unseen too, and its close is seen.
int file_opened_unseen_keeps_its_buffer() {
  const pair_of_ends ends = connect_pair();
  expect(write(ends[0], "x", 1) == 1 && programs::close_unseen(ends[0]) == 0);
  FILE* const file = tmpfile();
  expect(file != nullptr && fileno(file) == ends[0]);
  char* const kept = strcpy(static_cast<char*>(malloc(buffer_bytes)), "kept");
  fclose(file);
  for (int i = 0; i < 3; ++i) poll(nullptr, 0, 1);
  return strcmp(kept, "kept") == 0 ? 0 : 1;
}

// With release: a connection that is still open keeps what lives in it.

struct live_connection {
  pair_of_ends ends = connect_pair();
  char* state = nullptr;
  live_connection() {
    expect(write(ends[0], "x", 1) == 1);
    state = strcpy(static_cast<char*>(malloc(buffer_bytes)), "state");
  }
  [[nodiscard]] bool is_whole() const {
    for (int i = 0; i < 3; ++i) poll(nullptr, 0, 1);
    return connarena_of_fd(ends[0]) != 0 && connarena_of(state) == connarena_of_fd(ends[0]) &&
           strcmp(state, "state") == 0;
  }
};

int failed_close_range_ends_nothing() {
  const live_connection live;
  if (close_range(3, ~0U, 0x80) != -1 || !live.is_whole()) return 1;
  if (close_range(~0U, 3, 0) != -1 || !live.is_whole()) return 2;
  if (syscall(SYS_close_range, 3, ~0U, 0x80) != -1 || !live.is_whole()) return 3;
  return close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0 && live.is_whole() ? 0 : 4;
}

int thread_with_its_own_descriptors_ends_nothing(void* (*leave)(void*)) {
  live_connection live;
  pthread_t thread{};
  void* result = nullptr;
  expect(pthread_create(&thread, nullptr, leave, &live) == 0);
  expect(pthread_join(thread, &result) == 0 && result != nullptr);
  return live.is_whole() ? 0 : 1;
}

void* close_all_and_use_the_numbers(void* of) {
  auto* const live = static_cast<live_connection*>(of);
  for (const int fd : live->ends) close(fd);
  pair_of_ends own = connect_pair();
  expect(write(own[0], "x", 1) == 1);
  char* const kept = strcpy(static_cast<char*>(malloc(buffer_bytes)), "kept");
  for (const int fd : own) close(fd);
  poll(nullptr, 0, 1);
  return strcmp(kept, "kept") == 0 ? of : nullptr;
}

int unshared_descriptors_are_the_threads() {
  return thread_with_its_own_descriptors_ends_nothing([](void* of) -> void* {
    expect(unshare(CLONE_FILES) == 0);
    return close_all_and_use_the_numbers(of);
  });
}
int unshared_by_number_descriptors_are_the_threads() {
  return thread_with_its_own_descriptors_ends_nothing([](void* of) -> void* {
    expect(syscall(SYS_unshare, CLONE_FILES) == 0);
    return close_all_and_use_the_numbers(of);
  });
}
int close_range_with_unshare_is_the_threads() {
  return thread_with_its_own_descriptors_ends_nothing([](void* of) -> void* {
    expect(close_range(3, ~0U, CLOSE_RANGE_UNSHARE) == 0);
    return close_all_and_use_the_numbers(of);
  });
}
/// Whoever an unshared thread creates shares its descriptors.
int thread_of_an_unshared_one_ends_nothing() {
  return thread_with_its_own_descriptors_ends_nothing([](void* of) -> void* {
    expect(unshare(CLONE_FILES) == 0);
    pthread_t thread{};
    void* result = nullptr;
    expect(pthread_create(&thread, nullptr, close_all_and_use_the_numbers, of) == 0);
    expect(pthread_join(thread, &result) == 0);
    return result;
  });
}
/// Alone, it keeps the descriptors that it has.
int unshare_of_the_only_thread_changes_nothing() {
  expect(unshare(CLONE_FILES) == 0);
  if (!ends_by([](int fd) { return close(fd); })) return 1;
  return ends_by([](int fd) {
    return close_range(static_cast<unsigned>(fd), static_cast<unsigned>(fd), CLOSE_RANGE_UNSHARE);
  })
             ? 0
             : 2;
}

// A child in which no fork handler has run.

int child_of_a_bare_clone(int (*run)()) {
  const live_connection live;
  const long child = syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) _exit(run());
  int status = 0;
  expect(child > 0 && waitpid(static_cast<pid_t>(child), &status, 0) == child);
  if (!live.is_whole()) return 9;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 8;
}

int child_of_a_bare_clone_maps_under_a_limit() {
  return child_of_a_bare_clone([] {
    const rlimit limit{400 << 20, 400 << 20};
    if (setrlimit(RLIMIT_AS, &limit) != 0) return 1;
    void* const page = mmap(nullptr, 100000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED ? 0 : 2;
  });
}
int child_of_a_bare_clone_has_connections() {
  return child_of_a_bare_clone([] { return ends_by([](int fd) { return close(fd); }) ? 0 : 1; });
}

int bad_pointer_to_a_limit_is_the_systems_to_refuse() {
  const auto* const nowhere = reinterpret_cast<const rlimit*>(8);
  if (setrlimit(RLIMIT_AS, nowhere) != -1 || errno != EFAULT) return 1;
  if (prlimit(0, RLIMIT_AS, nowhere, nullptr) != -1 || errno != EFAULT) return 2;
  return syscall(SYS_prlimit64, 0, RLIMIT_AS, nowhere, nullptr) == -1 && errno == EFAULT ? 0 : 3;
}

#define CASE(name) \
  { #name, name }
constexpr programs::named_case cases[] = {
    CASE(close_by_number_ends_the_connection),
    CASE(copies_by_number_keep_the_connection),
    CASE(transfers_by_number_serve_the_connection),
    CASE(accept_by_number_begins_a_connection),
    CASE(wait_by_number_is_a_wait),
    CASE(other_calls_pass_unchanged),
    CASE(close_by_number_is_not_cancelled),
    CASE(file_keeps_its_buffer_after_closes_by_number),
    CASE(file_keeps_its_buffer_after_unseen_closes),
    CASE(file_opened_unseen_keeps_its_buffer),
    CASE(failed_close_range_ends_nothing),
    CASE(unshared_descriptors_are_the_threads),
    CASE(unshared_by_number_descriptors_are_the_threads),
    CASE(close_range_with_unshare_is_the_threads),
    CASE(thread_of_an_unshared_one_ends_nothing),
    CASE(unshare_of_the_only_thread_changes_nothing),
    CASE(child_of_a_bare_clone_maps_under_a_limit),
    CASE(child_of_a_bare_clone_has_connections),
    CASE(bad_pointer_to_a_limit_is_the_systems_to_refuse),
};
#undef CASE

}  // namespace

int main(int count, char** words) {
  if (connarena_of_fd == nullptr) return programs::not_preloaded;
  if (count == 2 && std::string_view(words[1]) == "list") {
    for (const programs::named_case& each : cases) {
      puts(each.name.data());
    }
    return 0;
  }
  return programs::run_named(cases, count, words);
}
