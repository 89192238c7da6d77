// close_cases.cpp - the calls by which descriptors go and are copied: a connection
// ends with its last descriptor, and not before.
#include <cerrno>
#include <fcntl.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <sched.h>

#include <cstdio>

#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

namespace wrappers {
namespace {

/// `end(fd)` closes a descriptor, and tells whether it could.
template <typename End>
bool ends(End end) {
  const connection link;
  const connarena_t arena = connarena_of_fd(link.near());
  return is_open(arena) && end(link.near()) && !is_open(arena) && connarena_of_fd(link.near()) == 0;
}

template <typename Copy>
bool copies(Copy copy) {
  const connection link;
  const connarena_t arena = connarena_of_fd(link.near());
  const int other = copy(link.near());
  if (other < 0 || connarena_of_fd(other) != arena) return false;
  close(link.near());
  if (!is_open(arena)) return false;
  close(other);
  return !is_open(arena);
}

/// The connection that was there before has lost a descriptor.
template <typename Copy>
bool copies_over(Copy copy) {
  const connection before;
  const connarena_t arena = connarena_of_fd(before.near());
  return copies([&](int fd) { return copy(fd, before.near()); }) && !is_open(arena);
}

template <typename End>
bool ends_a_stream(End end) {
  return ends([=](int fd) {
    FILE* const stream = fdopen(fd, "r+");
    return stream != nullptr && end(stream);
  });
}

bool close_range_holds() {
  const auto end = [](int fd) {
    const auto number = static_cast<unsigned>(fd);
    const bool is_marked = close_range(number, number, CLOSE_RANGE_CLOEXEC) == 0;
    return is_marked && connarena_of_fd(fd) != 0 && close_range(number, number, 0) == 0;
  };
  return ends(end);
}

/// A thread that has left the process's descriptors closes its own.
bool unshare_holds() {
  const connection link;
  const connarena_t arena = connarena_of_fd(link.near());
  const auto leave = [](void* of) -> void* {
    const int fd = static_cast<const connection*>(of)->near();
    const bool is_left = unshare(CLONE_FILES) == 0 && close(fd) == 0 && connarena_of_fd(fd) == 0;
    return is_left ? of : nullptr;
  };
  pthread_t thread{};
  void* result = nullptr;
  const bool has_run =
      pthread_create(&thread, nullptr, leave, const_cast<connection*>(&link)) == 0 &&
      pthread_join(thread, &result) == 0 && result != nullptr;
  return has_run && is_open(arena) && connarena_of_fd(link.near()) == arena;
}

// clang-format off
constexpr wrapper_case cases[] = {
    {"close", [] { return ends([](int fd) { return close(fd) == 0; }); }},
    {"close_range", close_range_holds},
    {"closefrom", [] { return ends([](int fd) { closefrom(fd); return true; }); }},
    {"dup", [] { return copies([](int fd) { return dup(fd); }); }},
    {"dup2", [] { return copies_over([](int fd, int over) { return dup2(fd, over); }); }},
    {"dup3", [] { return copies_over([](int fd, int over) { return dup3(fd, over, O_CLOEXEC); }); }},
    {"unshare", unshare_holds},
    {"setns", [] { return setns(-1, 0) == -1 && errno == EBADF; }},
    {"fcntl", [] { return copies([](int fd) { return fcntl(fd, F_DUPFD, 50); }); }},
    {"fcntl64", [] { return copies([](int fd) { return fcntl64(fd, F_DUPFD_CLOEXEC, 50); }); }},
    {"fclose", [] { return ends_a_stream([](FILE* stream) { return fclose(stream) == 0; }); }},
    {"freopen", [] { return ends_a_stream([](FILE* stream) { return freopen("/dev/null", "r", stream) != nullptr; }); }},
    {"freopen64", [] { return ends_a_stream([](FILE* stream) { return freopen64("/dev/null", "r", stream) != nullptr; }); }},
};
// clang-format on

}  // namespace

case_list close_cases() { return cases; }

}  // namespace wrappers
