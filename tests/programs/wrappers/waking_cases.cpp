// waking_cases.cpp - the calls that wake another thread: that works for whom their caller
// serves.
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include <atomic>
#include <thread>

#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

namespace wrappers {
namespace {

/// `wait()` until `wake()`: whether the thread that has waited then serves the connection of
/// the one that woke it.
template <typename Wait, typename Wake>
bool passes_connection_on(Wait wait, Wake wake) {
  const connection link;
  connarena_t served_then = 0;
  std::thread woken([&] {
    wait();
    served_then = served();
  });
  if (!link.send_from(link.near())) return false;
  wake();
  woken.join();
  return served_then != 0 && served_then == connarena_of_fd(link.near());
}

template <typename Wake>
bool passes_on_by_condition(Wake wake) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  std::atomic<bool> waits{false};
  bool is_woken = false;
  return passes_connection_on(
      [&] {
        pthread_mutex_lock(&mutex);
        waits.store(true);
        while (!is_woken) pthread_cond_wait(&condition, &mutex);
        pthread_mutex_unlock(&mutex);
      },
      [&] {
        while (!waits.load()) std::this_thread::yield();
        pthread_mutex_lock(&mutex);
        is_woken = true;
        wake(&condition);
        pthread_mutex_unlock(&mutex);
      });
}

template <typename Wake>
bool passes_on_by_condition_of_c(Wake wake) {
  mtx_t mutex;
  cnd_t condition;
  if (mtx_init(&mutex, mtx_plain) != thrd_success || cnd_init(&condition) != thrd_success) {
    return false;
  }
  std::atomic<bool> waits{false};
  bool is_woken = false;
  return passes_connection_on(
      [&] {
        mtx_lock(&mutex);
        waits.store(true);
        while (!is_woken) cnd_wait(&condition, &mutex);
        mtx_unlock(&mutex);
      },
      [&] {
        while (!waits.load()) std::this_thread::yield();
        mtx_lock(&mutex);
        is_woken = true;
        wake(&condition);
        mtx_unlock(&mutex);
      });
}

bool passes_on_by_semaphore() {
  sem_t semaphore;
  if (sem_init(&semaphore, 0, 0) != 0) return false;
  return passes_connection_on([&] { sem_wait(&semaphore); }, [&] { sem_post(&semaphore); });
}

// clang-format off
constexpr wrapper_case cases[] = {
    {"pthread_cond_signal", [] { return passes_on_by_condition([](pthread_cond_t* at) { pthread_cond_signal(at); }); }},
    {"pthread_cond_broadcast", [] { return passes_on_by_condition([](pthread_cond_t* at) { pthread_cond_broadcast(at); }); }},
    {"cnd_signal", [] { return passes_on_by_condition_of_c([](cnd_t* at) { cnd_signal(at); }); }},
    {"cnd_broadcast", [] { return passes_on_by_condition_of_c([](cnd_t* at) { cnd_broadcast(at); }); }},
    {"sem_post", passes_on_by_semaphore},
};
// clang-format on

}  // namespace

case_list waking_cases() { return cases; }

}  // namespace wrappers
