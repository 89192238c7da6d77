// opening_cases.cpp - the calls by which descriptors of other things come: where one gets the
// number of a connection that was closed unseen, that connection ends.
#include <dirent.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include <csignal>
#include <cstdio>

#include "programs/bare_call.hpp"
#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

extern "C" {
int __open_2(const char*, int);
int __open64_2(const char*, int);
int __openat_2(int, const char*, int);
int __openat64_2(int, const char*, int);
}

namespace wrappers {
namespace {

constexpr const char* path = "/dev/null";

template <typename Make>
bool takes_the_number(Make make) {
  const connection link;
  const connarena_t arena = connarena_of_fd(link.near());
  if (!is_open(arena) || programs::close_unseen(link.near()) != 0 || !is_open(arena)) return false;
  return make() == link.near() && !is_open(arena) && connarena_of_fd(link.near()) == 0;
}

int stream(FILE* made) { return made != nullptr ? fileno(made) : -1; }
int folder(DIR* made) { return made != nullptr ? dirfd(made) : -1; }

template <typename Make>
int first_end(Make make) {
  std::array<int, 2> ends{-1, -1};
  return make(ends.data()) == 0 ? ends[0] : -1;
}

int signal_descriptor() {
  sigset_t none;
  sigemptyset(&none);
  return signalfd(-1, &none, 0);
}

// clang-format off
constexpr wrapper_case cases[] = {
    {"open", [] { return takes_the_number([] { return open(path, O_RDONLY); }); }},
    {"open64", [] { return takes_the_number([] { return open64(path, O_RDONLY); }); }},
    {"openat", [] { return takes_the_number([] { return openat(AT_FDCWD, path, O_RDONLY); }); }},
    {"openat64", [] { return takes_the_number([] { return openat64(AT_FDCWD, path, O_RDONLY); }); }},
    {"creat", [] { return takes_the_number([] { return creat(path, 0600); }); }},
    {"creat64", [] { return takes_the_number([] { return creat64(path, 0600); }); }},
    {"__open_2", [] { return takes_the_number([] { return __open_2(path, O_RDONLY); }); }},
    {"__open64_2", [] { return takes_the_number([] { return __open64_2(path, O_RDONLY); }); }},
    {"__openat_2", [] { return takes_the_number([] { return __openat_2(AT_FDCWD, path, O_RDONLY); }); }},
    {"__openat64_2", [] { return takes_the_number([] { return __openat64_2(AT_FDCWD, path, O_RDONLY); }); }},
    {"fopen", [] { return takes_the_number([] { return stream(fopen(path, "r")); }); }},
    {"fopen64", [] { return takes_the_number([] { return stream(fopen64(path, "r")); }); }},
    {"opendir", [] { return takes_the_number([] { return folder(opendir("/")); }); }},
    {"pipe", [] { return takes_the_number([] { return first_end([](int* ends) { return pipe(ends); }); }); }},
    {"pipe2", [] { return takes_the_number([] { return first_end([](int* ends) { return pipe2(ends, O_CLOEXEC); }); }); }},
    {"epoll_create", [] { return takes_the_number([] { return epoll_create(1); }); }},
    {"epoll_create1", [] { return takes_the_number([] { return epoll_create1(0); }); }},
    {"eventfd", [] { return takes_the_number([] { return eventfd(0, 0); }); }},
    {"timerfd_create", [] { return takes_the_number([] { return timerfd_create(CLOCK_MONOTONIC, 0); }); }},
    {"signalfd", [] { return takes_the_number(signal_descriptor); }},
    {"inotify_init", [] { return takes_the_number([] { return inotify_init(); }); }},
    {"inotify_init1", [] { return takes_the_number([] { return inotify_init1(0); }); }},
    {"memfd_create", [] { return takes_the_number([] { return memfd_create("case", 0); }); }},
};
// clang-format on

}  // namespace

case_list opening_cases() { return cases; }

}  // namespace wrappers
