// blocking_calls.cpp - the calls that wait for other things than connections: the thread
// goes on with the connection that it serves. See at_wait.hpp.
#include <cerrno>

#include "shim/attribution/wakes.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/lifetime/at_wait.hpp"
#include "shim/lifetime/lone_wait.hpp"

using namespace connarena::shim;

namespace {

/// A semaphore that is free is no wait, but a point where a thread can be cancelled.
bool takes_at_once(sem_t* semaphore) {
  pthread_testcancel();
  const errno_kept kept;
  return sem_trywait(semaphore) == 0;
}

/// Until a moment of a clock or for ever. `wait()` is the call itself. Another process may
/// be the one that posts it.
template <typename Wait>
int wait_for(sem_t* semaphore, clockid_t clock, const timespec* until, Wait wait) {
  if (!is_untidy_alone()) return wait();
  const posted before = tidy_until_posted(semaphore, clock, until);
  if (before == posted::not_yet) return wait();
  if (before == posted::taken) return 0;
  errno = EINTR;
  return -1;
}

/// Waits for a condition; gives what `wait()` does.
template <typename Condition, typename Mutex, typename Wait>
int wait_for_condition(Condition* condition, Mutex* mutex, Wait wait) {
  // C11 has the same conditions by another name.
  const auto* const at = reinterpret_cast<const pthread_cond_t*>(condition);
  const int result = [&] {
    const waiting here(under::a_mutex);
    come_to_wait(at, mutex);
    return wait();
  }();
  if (result == 0) note_woken(at);
  return result;
}

/// Waits for a semaphore; gives what `wait()` does.
template <typename Wait>
int wait_for_semaphore(sem_t* semaphore, Wait wait) {
  const int result = [&] {
    if (takes_at_once(semaphore)) return 0;
    const waiting here;
    come_to_wait(semaphore);
    return wait();
  }();
  if (result == 0) note_taken(semaphore);
  return result;
}

}  // namespace

CONNARENA_REPLACES int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  return wait_for_condition(condition, mutex,
                            [=] { return next().pthread_cond_wait(condition, mutex); });
}

CONNARENA_REPLACES int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                              const timespec* until) {
  return wait_for_condition(condition, mutex,
                            [=] { return next().pthread_cond_timedwait(condition, mutex, until); });
}

CONNARENA_REPLACES int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                              clockid_t clock, const timespec* until) {
  return wait_for_condition(condition, mutex, [=] {
    return next().pthread_cond_clockwait(condition, mutex, clock, until);
  });
}

CONNARENA_REPLACES int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return wait_for_condition(condition, mutex, [=] { return next().cnd_wait(condition, mutex); });
}

CONNARENA_REPLACES int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return wait_for_condition(condition, mutex,
                            [=] { return next().cnd_timedwait(condition, mutex, until); });
}

CONNARENA_REPLACES int sem_wait(sem_t* semaphore) {
  return wait_for_semaphore(semaphore, [=] {
    return wait_for(semaphore, CLOCK_MONOTONIC, nullptr,
                    [=] { return next().sem_wait(semaphore); });
  });
}

CONNARENA_REPLACES int sem_timedwait(sem_t* semaphore, const timespec* until) {
  return wait_for_semaphore(semaphore, [=] {
    return wait_for(semaphore, CLOCK_REALTIME, until,
                    [=] { return next().sem_timedwait(semaphore, until); });
  });
}

CONNARENA_REPLACES int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until) {
  return wait_for_semaphore(semaphore, [=] {
    return wait_for(semaphore, clock, until,
                    [=] { return next().sem_clockwait(semaphore, clock, until); });
  });
}

CONNARENA_REPLACES int pause() {
  const waiting here;
  tidy_before_long_wait();
  return next().pause();
}

CONNARENA_REPLACES int sigsuspend(const sigset_t* mask) {
  const waiting here;
  tidy_before_long_wait();
  return next().sigsuspend(mask);
}

CONNARENA_REPLACES int sigwait(const sigset_t* set, int* signal) {
  const waiting here;
  tidy_before_long_wait();
  return next().sigwait(set, signal);
}

CONNARENA_REPLACES int sigwaitinfo(const sigset_t* set, siginfo_t* info) {
  const waiting here;
  tidy_before_long_wait();
  return next().sigwaitinfo(set, info);
}

CONNARENA_REPLACES int sigtimedwait(const sigset_t* set, siginfo_t* info, const timespec* time) {
  const waiting here;
  return next().sigtimedwait(set, info, time);
}

CONNARENA_REPLACES int pthread_join(pthread_t thread, void** result) {
  const waiting here;
  return next().pthread_join(thread, result);
}

CONNARENA_REPLACES pid_t wait(int* status) {
  const waiting here;
  tidy_before_long_wait();
  return next().wait(status);
}

CONNARENA_REPLACES pid_t waitpid(pid_t child, int* status, int options) {
  if ((options & WNOHANG) != 0) return next().waitpid(child, status, options);
  const waiting here;
  tidy_before_long_wait();
  return next().waitpid(child, status, options);
}

CONNARENA_REPLACES pid_t wait4(pid_t child, int* status, int options, rusage* usage) {
  if ((options & WNOHANG) != 0) return next().wait4(child, status, options, usage);
  const waiting here;
  tidy_before_long_wait();
  return next().wait4(child, status, options, usage);
}

CONNARENA_REPLACES int waitid(idtype_t kind, id_t child, siginfo_t* info, int options) {
  if ((options & WNOHANG) != 0) return next().waitid(kind, child, info, options);
  const waiting here;
  tidy_before_long_wait();
  return next().waitid(kind, child, info, options);
}
