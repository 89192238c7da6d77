// opening_calls.cpp - the calls by which descriptors of other things than connections come.
//
// One that gets the number of a connection says that this was closed unseen: by a bare
// system call, or by one that the C library makes within itself.
#include <cstdarg>
#include <cstdio>

#include "shim/attribution/waking_descriptors.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/lifetime/descriptors.hpp"

using namespace connarena::shim;

namespace {

FILE* made_stream(FILE* stream) noexcept {
  if (stream != nullptr) made_descriptor(fileno(stream));
  return stream;
}

int made_pair(int result, const int ends[2]) noexcept {
  for (int i = 0; result == 0 && i < 2; ++i) made_descriptor(ends[i]);
  return result;
}

}  // namespace

// A mode is passed on whether it is given or not: it travels in a register.
#define CONNARENA_MODE_AFTER(last)          \
  va_list rest;                             \
  va_start(rest, last);                     \
  const mode_t mode = va_arg(rest, mode_t); \
  va_end(rest)

CONNARENA_REPLACES int open(const char* path, int flags, ...) {
  CONNARENA_MODE_AFTER(flags);
  return made_descriptor(next().open(path, flags, mode));
}

CONNARENA_REPLACES int open64(const char* path, int flags, ...) {
  CONNARENA_MODE_AFTER(flags);
  return made_descriptor(next().open64(path, flags, mode));
}

CONNARENA_REPLACES int openat(int folder, const char* path, int flags, ...) {
  CONNARENA_MODE_AFTER(flags);
  return made_descriptor(next().openat(folder, path, flags, mode));
}

CONNARENA_REPLACES int openat64(int folder, const char* path, int flags, ...) {
  CONNARENA_MODE_AFTER(flags);
  return made_descriptor(next().openat64(folder, path, flags, mode));
}

CONNARENA_REPLACES int creat(const char* path, mode_t mode) {
  return made_descriptor(next().creat(path, mode));
}

CONNARENA_REPLACES int creat64(const char* path, mode_t mode) {
  return made_descriptor(next().creat64(path, mode));
}

CONNARENA_REPLACES int __open_2(const char* path, int flags) {
  return made_descriptor(next().__open_2(path, flags));
}

CONNARENA_REPLACES int __open64_2(const char* path, int flags) {
  return made_descriptor(next().__open64_2(path, flags));
}

CONNARENA_REPLACES int __openat_2(int folder, const char* path, int flags) {
  return made_descriptor(next().__openat_2(folder, path, flags));
}

CONNARENA_REPLACES int __openat64_2(int folder, const char* path, int flags) {
  return made_descriptor(next().__openat64_2(folder, path, flags));
}

CONNARENA_REPLACES FILE* fopen(const char* path, const char* mode) {
  return made_stream(next().fopen(path, mode));
}

CONNARENA_REPLACES FILE* fopen64(const char* path, const char* mode) {
  return made_stream(next().fopen64(path, mode));
}

CONNARENA_REPLACES DIR* opendir(const char* path) {
  DIR* const folder = next().opendir(path);
  if (folder != nullptr) made_descriptor(dirfd(folder));
  return folder;
}

CONNARENA_REPLACES int pipe(int ends[2]) noexcept { return made_pair(next().pipe(ends), ends); }

CONNARENA_REPLACES int pipe2(int ends[2], int flags) noexcept {
  return made_pair(next().pipe2(ends, flags), ends);
}

CONNARENA_REPLACES int epoll_create(int size) noexcept {
  return made_descriptor(next().epoll_create(size));
}

CONNARENA_REPLACES int epoll_create1(int flags) noexcept {
  return made_descriptor(next().epoll_create1(flags));
}

CONNARENA_REPLACES int eventfd(unsigned count, int flags) noexcept {
  const int made = made_descriptor(next().eventfd(count, flags));
  if (made >= 0) note_waking(made, true);
  return made;
}

CONNARENA_REPLACES int timerfd_create(clockid_t clock, int flags) noexcept {
  return made_descriptor(next().timerfd_create(clock, flags));
}

CONNARENA_REPLACES int signalfd(int fd, const sigset_t* mask, int flags) noexcept {
  const int made = next().signalfd(fd, mask, flags);
  return fd == made ? made : made_descriptor(made);
}

CONNARENA_REPLACES int inotify_init() noexcept { return made_descriptor(next().inotify_init()); }

CONNARENA_REPLACES int inotify_init1(int flags) noexcept {
  return made_descriptor(next().inotify_init1(flags));
}

CONNARENA_REPLACES int memfd_create(const char* name, unsigned flags) noexcept {
  return made_descriptor(next().memfd_create(name, flags));
}
