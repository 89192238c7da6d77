// waking_calls.cpp - the calls by which one thread wakes another.
#include "shim/attribution/wakes.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"

using namespace connarena::shim;

CONNARENA_REPLACES int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  leave_for_woken(condition);
  return next().pthread_cond_signal(condition);
}

CONNARENA_REPLACES int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  leave_for_woken(condition);
  return next().pthread_cond_broadcast(condition);
}

CONNARENA_REPLACES int cnd_signal(cnd_t* condition) {
  leave_for_woken(reinterpret_cast<const pthread_cond_t*>(condition));
  return next().cnd_signal(condition);
}

CONNARENA_REPLACES int cnd_broadcast(cnd_t* condition) {
  leave_for_woken(reinterpret_cast<const pthread_cond_t*>(condition));
  return next().cnd_broadcast(condition);
}

CONNARENA_REPLACES int sem_post(sem_t* semaphore) noexcept {
  leave_for_taker(semaphore);
  return next().sem_post(semaphore);
}
