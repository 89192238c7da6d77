// close_calls.cpp - the calls by which descriptors go and are copied; see closing.hpp.
#include <cstdarg>
#include <cstdio>
#include <sched.h>

#include "shim/attribution/waking_descriptors.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/lifetime/closing.hpp"
#include "shim/lifetime/idle.hpp"
#include "shim/report/recorder.hpp"

using namespace connarena::shim;

namespace {

bool copies_descriptor(int command) noexcept {
  return command == F_DUPFD || command == F_DUPFD_CLOEXEC;
}

int descriptor_of(FILE* stream) noexcept { return stream != nullptr ? fileno(stream) : -1; }

}  // namespace

CONNARENA_REPLACES int close(int fd) {
  note_waking(fd, false);
  return closing(fd, [=] { return next().close(fd); });
}

CONNARENA_REPLACES int close_range(unsigned first, unsigned last, int flags) noexcept {
  return closing_range(first, last, static_cast<unsigned>(flags), [=](unsigned from, unsigned to) {
    return next().close_range(from, to, flags);
  });
}

/// Where the system has no close_range, the C library has a way of its own for the rest.
CONNARENA_REPLACES void closefrom(int lowest) noexcept {
  const unsigned first = lowest > 0 ? static_cast<unsigned>(lowest) : 0;
  closing_range(first, ~0u, [](unsigned from, unsigned to) {
    if (to == ~0u || next().close_range(from, to, 0) != 0) next().closefrom(static_cast<int>(from));
    return 0;
  });
}

CONNARENA_REPLACES int unshare(int what) noexcept {
  const without_helper alone;
  if ((what & CLONE_FILES) == 0) return next().unshare(what);
  const leaving_descriptors leaving;
  const int result = next().unshare(what);
  if (result == 0) leaving.is_done();
  return result;
}

CONNARENA_REPLACES int dup(int fd) noexcept { return copied(fd, next().dup(fd)); }

CONNARENA_REPLACES int dup2(int fd, int over) noexcept {
  return copying_over(fd, over, [=] { return next().dup2(fd, over); });
}

CONNARENA_REPLACES int dup3(int fd, int over, int flags) noexcept {
  return copying_over(fd, over, [=] { return next().dup3(fd, over, flags); });
}

// The third argument is passed on whatever its type: it travels in a register.

CONNARENA_REPLACES int fcntl(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  const int result = next().fcntl(fd, command, argument);
  return copies_descriptor(command) ? copied(fd, result) : result;
}

CONNARENA_REPLACES int fcntl64(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  const int result = next().fcntl64(fd, command, argument);
  return copies_descriptor(command) ? copied(fd, result) : result;
}

CONNARENA_REPLACES int fclose(FILE* stream) {
  if (stream == stderr) report::standard_error_closes();
  return closing(
      descriptor_of(stream), [=] { return next().fclose(stream); }, does_more::yes);
}

CONNARENA_REPLACES FILE* freopen(const char* path, const char* mode, FILE* stream) {
  return closing(
      descriptor_of(stream), [=] { return next().freopen(path, mode, stream); }, does_more::yes);
}

CONNARENA_REPLACES FILE* freopen64(const char* path, const char* mode, FILE* stream) {
  return closing(
      descriptor_of(stream), [=] { return next().freopen64(path, mode, stream); }, does_more::yes);
}
