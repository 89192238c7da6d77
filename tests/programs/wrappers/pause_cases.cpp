// pause_cases.cpp - the calls that wait for other things: what the thread has closed
// ends there, and it goes on with the connection that it serves.
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <threads.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <thread>

#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

namespace wrappers {
namespace {

constexpr timespec long_past{1, 0};
constexpr timespec short_time{0, 1};

template <typename Pause>
bool ends_what_is_closed(Pause pause) {
  const connection link;
  const closed_connection closed;
  if (!link.send_from(link.near()) || !closed.is_draining()) return false;
  pause();
  return closed.has_ended() && serves(link.near());
}

/// Of a pause that does not end by itself: `wake` is called when what was closed has
/// ended, or in vain when it has not for long.
template <typename Wake, typename Pause>
bool ends_before_it_is_woken(Wake wake, Pause pause) {
  constexpr int most_polls = 2000;
  const connection link;
  const closed_connection closed;
  if (!link.send_from(link.near()) || !closed.is_draining()) return false;
  bool has_ended = false;
  std::thread waker([&] {
    for (int i = 0; i < most_polls && !closed.has_ended(); ++i) poll(nullptr, 0, 1);
    has_ended = closed.has_ended();
    wake();
  });
  pause();
  waker.join();
  return has_ended && serves(link.near());
}

bool ends_at_a_condition() {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_lock(&mutex);
  const auto wake = [&] {
    pthread_mutex_lock(&mutex);
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
  };
  return ends_before_it_is_woken(wake, [&] {
    pthread_cond_wait(&condition, &mutex);
    pthread_mutex_unlock(&mutex);
  });
}

bool ends_at_a_condition_of_c() {
  mtx_t mutex;
  cnd_t condition;
  if (mtx_init(&mutex, mtx_plain) != thrd_success || cnd_init(&condition) != thrd_success) {
    return false;
  }
  mtx_lock(&mutex);
  const auto wake = [&] {
    mtx_lock(&mutex);
    cnd_signal(&condition);
    mtx_unlock(&mutex);
  };
  return ends_before_it_is_woken(wake, [&] {
    cnd_wait(&condition, &mutex);
    mtx_unlock(&mutex);
  });
}

/// Calls `pause` with a locked mutex and a condition that nobody signals.
template <typename Pause>
bool ends_until_a_time(Pause pause) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_lock(&mutex);
  return ends_what_is_closed([&] { pause(&condition, &mutex); });
}

bool ends_until_a_time_of_c() {
  mtx_t mutex;
  cnd_t condition;
  if (mtx_init(&mutex, mtx_timed) != thrd_success || cnd_init(&condition) != thrd_success) {
    return false;
  }
  mtx_lock(&mutex);
  return ends_what_is_closed([&] { cnd_timedwait(&condition, &mutex, &long_past); });
}

/// A semaphore that is free when it is asked for is no wait.
template <typename Pause>
bool ends_at_a_semaphore(Pause pause) {
  sem_t semaphore;
  if (sem_init(&semaphore, 0, 1) != 0) return false;
  const closed_connection closed;
  if (pause(&semaphore) != 0 || !closed.is_draining()) return false;
  return ends_before_it_is_woken([&] { sem_post(&semaphore); }, [&] { pause(&semaphore); });
}

void let_alarms_interrupt() {
  struct sigaction interrupting {};
  interrupting.sa_handler = [](int) {};
  sigaction(SIGALRM, &interrupting, nullptr);
}

/// A signal may come before the thread is in the kernel: it is sent until one was felt.
template <typename Pause>
bool ends_until_a_signal(Pause pause) {
  let_alarms_interrupt();
  const pthread_t self = pthread_self();
  std::atomic<bool> is_over{false};
  const auto wake = [&] {
    while (!is_over) {
      pthread_kill(self, SIGALRM);
      poll(nullptr, 0, 1);
    }
  };
  return ends_before_it_is_woken(wake, [&] {
    pause();
    is_over = true;
  });
}

/// `pause` finds a signal that is held back.
template <typename Pause>
bool ends_with_a_signal(Pause pause) {
  sigset_t held;
  sigemptyset(&held);
  sigaddset(&held, SIGALRM);
  if (sigprocmask(SIG_BLOCK, &held, nullptr) != 0 || raise(SIGALRM) != 0) return false;
  return ends_what_is_closed([&] { pause(&held); });
}

template <typename Wait>
bool ends_with_a_child(Wait wait_for) {
  return ends_what_is_closed([=] {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    wait_for(child);
  });
}

bool ends_with_a_thread() {
  return ends_what_is_closed([] { std::thread([] {}).join(); });
}

// clang-format off
constexpr wrapper_case cases[] = {
    {"pthread_cond_wait", ends_at_a_condition},
    {"pthread_cond_timedwait", [] { return ends_until_a_time([](auto condition, auto mutex) { pthread_cond_timedwait(condition, mutex, &long_past); }); }},
    {"pthread_cond_clockwait", [] { return ends_until_a_time([](auto condition, auto mutex) { pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &long_past); }); }},
    {"cnd_wait", ends_at_a_condition_of_c},
    {"cnd_timedwait", ends_until_a_time_of_c},
    {"sem_wait", [] { return ends_at_a_semaphore([](sem_t* at) { return sem_wait(at); }); }},
    {"sem_timedwait", [] { return ends_at_a_semaphore([](sem_t* at) { timespec until{}; clock_gettime(CLOCK_REALTIME, &until); until.tv_sec += 30; return sem_timedwait(at, &until); }); }},
    {"sem_clockwait", [] { return ends_at_a_semaphore([](sem_t* at) { timespec until{}; clock_gettime(CLOCK_MONOTONIC, &until); until.tv_sec += 30; return sem_clockwait(at, CLOCK_MONOTONIC, &until); }); }},
    {"nanosleep", [] { return ends_what_is_closed([] { nanosleep(&short_time, nullptr); }); }},
    {"clock_nanosleep", [] { return ends_what_is_closed([] { clock_nanosleep(CLOCK_MONOTONIC, 0, &short_time, nullptr); }); }},
    {"sleep", [] { return ends_what_is_closed([] { sleep(0); }); }},
    {"usleep", [] { return ends_what_is_closed([] { usleep(1); }); }},
    {"thrd_sleep", [] { return ends_what_is_closed([] { thrd_sleep(&short_time, nullptr); }); }},
    {"pause", [] { return ends_until_a_signal([] { pause(); }); }},
    {"sigsuspend", [] { return ends_until_a_signal([] { sigset_t none; sigemptyset(&none); sigsuspend(&none); }); }},
    {"sigwait", [] { return ends_with_a_signal([](const sigset_t* held) { int signal = 0; sigwait(held, &signal); }); }},
    {"sigwaitinfo", [] { return ends_with_a_signal([](const sigset_t* held) { sigwaitinfo(held, nullptr); }); }},
    {"sigtimedwait", [] { return ends_with_a_signal([](const sigset_t* held) { sigtimedwait(held, nullptr, &short_time); }); }},
    {"pthread_join", ends_with_a_thread},
    {"wait", [] { return ends_with_a_child([](pid_t) { wait(nullptr); }); }},
    {"waitpid", [] { return ends_with_a_child([](pid_t child) { waitpid(child, nullptr, 0); }); }},
    {"wait4", [] { return ends_with_a_child([](pid_t child) { wait4(child, nullptr, 0, nullptr); }); }},
    {"waitid", [] { return ends_with_a_child([](pid_t child) { waitid(P_PID, static_cast<id_t>(child), nullptr, WEXITED); }); }},
};
// clang-format on

}  // namespace

case_list pause_cases() { return cases; }

}  // namespace wrappers
