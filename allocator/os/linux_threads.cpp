// linux_threads.cpp - the part of os.hpp that is about threads and time.

#include <csignal>
#include <ctime>
#include <pthread.h>
#include <sys/single_threaded.h>

#include "base/errno_kept.hpp"
#include "os/os.hpp"

namespace connarena::os {
namespace {

constexpr std::int64_t ns_a_second = 1'000'000'000;
// The thread's stack holds the program's thread-local storage as well: where that does
// not fit, the system's own size is used.
constexpr std::size_t stack_bytes = std::size_t{128} << 10;

struct start_arguments {
  void (*run)() noexcept;
  const char* name;
};
start_arguments next_thread;

void* begin(void*) noexcept {
  const start_arguments own = next_thread;
  ::pthread_setname_np(::pthread_self(), own.name);
  own.run();
  return nullptr;
}

int create(std::size_t stack) noexcept {
  pthread_attr_t wanted;
  if (::pthread_attr_init(&wanted) != 0) return EAGAIN;
  ::pthread_attr_setdetachstate(&wanted, PTHREAD_CREATE_DETACHED);
  if (stack != 0) ::pthread_attr_setstacksize(&wanted, stack);
  pthread_t thread{};
  const int error = ::pthread_create(&thread, &wanted, begin, nullptr);
  ::pthread_attr_destroy(&wanted);
  return error;
}

}  // namespace

std::int64_t coarse_now_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec * ns_a_second + now.tv_nsec;
}

// musl has no such word: there may be others then.
#pragma weak __libc_single_threaded
bool has_one_thread() noexcept {
  return &__libc_single_threaded != nullptr && __libc_single_threaded != 0;
}

bool start_thread(void (*run)() noexcept, const char* name) noexcept {
  const errno_kept kept;
  next_thread = {run, name};
  // The thread has its creator's mask.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const bool has_started = create(stack_bytes) == 0 || create(0) == 0;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return has_started;
}

}  // namespace connarena::os
