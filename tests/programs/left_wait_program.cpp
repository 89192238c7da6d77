// left_wait_program CASE - a thread leaves a waiting call without returning from it, and
// goes on with what survives a connection: that has not ended meanwhile. Runs under the
// preload library. A case is a way out and a call, as in jump-poll.
//
//   cancel   the thread is cancelled, and goes on in its destructors
//   exit     a signal handler ends the thread
//   jump     a signal handler jumps out of the call
//
// Exit codes: 0 as it should be, 1 the connection has ended too early, 2 it has not ended
// at all, 3 the thread did not come to wait, 9 no sockets, 20 not preloaded, 21 no such
// case.
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>
#include <string_view>

#include "harness/deadline.hpp"
#include "programs/named_case.hpp"
#include "programs/sleeping_task.hpp"
#include "programs/surviving_connection.hpp"

namespace {

using programs::sleeps;
using programs::surviving_connection;

enum class stage { starts, waits, has_left, may_end };
std::atomic<stage> reached{stage::starts};
std::atomic<pid_t> waiting_task{0};
surviving_connection* served = nullptr;
sigjmp_buf before_wait;

// --- the calls

void wait_for_a_condition() {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_lock(&mutex);
  pthread_cond_wait(&condition, &mutex);
}
void wait_for_a_semaphore() {
  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  sem_wait(&semaphore);
}
void wait_with_poll() { poll(nullptr, 0, -1); }
void wait_with_select() { select(0, nullptr, nullptr, nullptr, nullptr); }
void wait_with_epoll() {
  epoll_event event{};
  epoll_wait(epoll_create1(0), &event, 1, -1);
}
void wait_with_read() {
  char byte = 0;
  const surviving_connection other;
  if (read(other.end(), &byte, 1) == 1) static_cast<void>(read(other.end(), &byte, 1));
}
void wait_for_time() { sleep(1000); }
void wait_for_a_signal() { pause(); }

struct call {
  std::string_view name;
  void (*wait)();
};
constexpr call calls[] = {{"condition", wait_for_a_condition},
                          {"semaphore", wait_for_a_semaphore},
                          {"poll", wait_with_poll},
                          {"select", wait_with_select},
                          {"epoll", wait_with_epoll},
                          {"sleep", wait_for_time},
                          {"pause", wait_for_a_signal},
                          {"read", wait_with_read}};

// --- the ways out

/// What the thread does when it has left: it is busy, and waits for nothing.
void go_on() {
  reached = stage::has_left;
  while (reached != stage::may_end) syscall(SYS_sched_yield);
}

struct goes_on_at_its_end {
  ~goes_on_at_its_end() { go_on(); }
};

void begin(void (*wait)()) {
  served->serve();
  waiting_task = static_cast<pid_t>(syscall(SYS_gettid));
  reached = stage::waits;
  wait();
}

void* be_unwound(void* wait) {
  const goes_on_at_its_end last;
  begin(*static_cast<void (**)()>(wait));
  return nullptr;
}

void* be_thrown_back(void* wait) {
  if (sigsetjmp(before_wait, 1) == 0) begin(*static_cast<void (**)()>(wait));
  go_on();
  return nullptr;
}

void send_cancel(pthread_t to) { pthread_cancel(to); }
void send_signal(pthread_t to) { pthread_kill(to, SIGUSR1); }

struct way_out {
  std::string_view name;
  void* (*run)(void*);
  void (*send)(pthread_t);
  void (*handler)(int);
};
constexpr way_out ways[] = {
    {"cancel", be_unwound, send_cancel, [](int) {}},
    {"exit", be_unwound, send_signal, [](int) { pthread_exit(nullptr); }},
    {"jump", be_thrown_back, send_signal, [](int) { siglongjmp(before_wait, 1); }},
};

// --- the case

void pass_some_waits() {
  for (int i = 0; i < 20; ++i) poll(nullptr, 0, 1);
}

int leave(const way_out& way, void (*wait)()) {
  surviving_connection link;
  served = &link;
  struct sigaction action {};
  action.sa_handler = way.handler;
  sigaction(SIGUSR1, &action, nullptr);
  pthread_t thread{};
  if (pthread_create(&thread, nullptr, way.run, &wait) != 0) return 9;
  if (!harness::wait_until([] { return reached == stage::waits && sleeps(waiting_task); }))
    return 3;
  way.send(thread);
  if (!harness::wait_until([] { return reached == stage::has_left; })) return 3;
  link.close_end();
  pass_some_waits();
  if (!link.is_draining()) return 1;
  reached = stage::may_end;
  pthread_join(thread, nullptr);
  pass_some_waits();
  return link.is_draining() ? 2 : 0;
}

}  // namespace

int main(int count, char** words) {
  if (connarena_of_fd == nullptr) return programs::not_preloaded;
  const std::string_view name = count == 2 ? words[1] : "";
  for (const way_out& way : ways) {
    for (const call& each : calls) {
      if (name == std::string(way.name) + "-" + std::string(each.name))
        return leave(way, each.wait);
    }
  }
  return programs::no_such_case;
}
