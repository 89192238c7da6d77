// quiescence_program CASE - when the arena of a connection ends that has closed while a
// block of it lives. Runs under the preload library and finds the C API through weak
// symbols.
//
// Exit codes: 0 as it should be, 1 to 9 what the case says, 20 not preloaded,
// 21 no such case.
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "harness/deadline.hpp"
#include "programs/named_case.hpp"
#include "programs/sleeping_task.hpp"
#include "programs/surviving_connection.hpp"

namespace {

using connection = programs::surviving_connection;

void wait_a_little() { poll(nullptr, 0, 1); }

int ends_at_once_when_nothing_lives() {
  connection link;
  link.serve();
  link.free_survivor();
  link.close_end();
  return link.is_draining() ? 1 : 0;
}

/// A thread that never waits ends what has become empty when it closes the next one.
int ends_at_the_next_close_when_it_is_empty() {
  connection first;
  connection second;
  first.serve();
  second.serve();
  first.close_end();
  first.free_survivor();
  if (!first.is_draining()) return 1;
  second.close_end();
  return first.is_draining() ? 2 : 0;
}

/// Serves a connection in so many threads; all but the last wait, and it is busy.
int waits_for_each(unsigned threads) {
  connection link(static_cast<int>(threads));
  std::atomic<unsigned> served{0};
  std::atomic<bool> may_wait{false};
  std::atomic<bool> may_end{false};
  std::vector<std::thread> servers;
  for (unsigned i = 0; i < threads; ++i) {
    servers.emplace_back([&, i] {
      while (served != i) wait_a_little();
      link.serve();
      ++served;
      while (i + 1 == threads && !may_wait) std::this_thread::yield();
      while (!may_end) wait_a_little();
    });
  }
  while (served != threads) wait_a_little();
  link.close_end();
  for (int i = 0; i < 20; ++i) wait_a_little();
  const bool was_draining = link.is_draining();
  may_wait = true;
  for (int i = 0; i < 20000 && link.is_draining(); ++i) wait_a_little();
  const bool has_ended = !link.is_draining();
  may_end = true;
  for (std::thread& each : servers) each.join();
  if (!was_draining) return 1;
  return has_ended ? 0 : 2;
}

int waits_for_a_busy_thread() { return waits_for_each(1); }
int waits_for_the_last_of_four_threads() { return waits_for_each(4); }
int waits_for_the_last_of_nine_threads() { return waits_for_each(9); }

int ends_when_its_last_thread_ends() {
  connection link;
  bool was_draining = false;
  std::thread([&] {
    link.serve();
    link.close_end();
    was_draining = link.is_draining();
  }).join();
  if (!was_draining) return 1;
  return link.is_draining() ? 2 : 0;
}

/// Is cancelled at a close, and closes once more if it `tries_again`.
template <bool TriesAgain>
void* be_cancelled_at_a_close(void* link) {
  struct close_again {
    connection& of;
    ~close_again() {
      if (TriesAgain) of.close_end();
    }
  } const last{*static_cast<connection*>(link)};
  last.of.serve();
  pthread_cancel(pthread_self());
  last.of.close_end();
  return nullptr;
}

int ends_when_its_close_was_cancelled_and_made_again() {
  connection link;
  pthread_t thread{};
  pthread_create(&thread, nullptr, be_cancelled_at_a_close<true>, &link);
  pthread_join(thread, nullptr);
  return link.is_draining() ? 1 : 0;
}

void* be_cancelled_at_a_close_of_a_pipe(void*) {
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0) std::exit(9);
  pthread_cancel(pthread_self());
  close(ends[0]);
  return nullptr;
}

int bears_a_cancelled_close_of_a_pipe() {
  pthread_t thread{};
  pthread_create(&thread, nullptr, be_cancelled_at_a_close_of_a_pipe, nullptr);
  void* result = nullptr;
  pthread_join(thread, &result);
  return result == PTHREAD_CANCELED ? 0 : 1;
}

/// The descriptor is still open then.
int goes_on_when_its_close_was_cancelled() {
  connection link;
  pthread_t thread{};
  pthread_create(&thread, nullptr, be_cancelled_at_a_close<false>, &link);
  pthread_join(thread, nullptr);
  if (fcntl(link.end(), F_GETFD) < 0) return 1;
  if (connarena_of_fd(link.end()) == 0) return 2;
  link.close_end();
  wait_a_little();
  return link.is_draining() ? 3 : 0;
}

/// 0: the thread has gone on to another connection in a read, and that has ended the first.
int reads_another_after_a_close(bool blocks) {
  connection closed;
  connection other(2);
  closed.serve();
  other.serve();
  if (!blocks && fcntl(other.end(), F_SETFL, O_NONBLOCK) != 0) return 9;
  closed.close_end();
  char byte = 0;
  if (!closed.is_draining()) return 1;
  if (read(other.end(), &byte, 1) != 1) return 9;
  return closed.is_draining() ? 2 : 0;
}

int ends_at_a_blocking_read_of_another() { return reads_another_after_a_close(true); }
int goes_on_draining_at_a_read_that_does_not_block() {
  return reads_another_after_a_close(false) == 2 ? 0 : 1;
}

/// A thread that serves a connection and reads where there is nothing to read.
class reading_thread {
 public:
  reading_thread(connection& served, const connection& read_from)
      : read_from_(read_from), thread_([&] {
          served.serve();
          task_ = static_cast<pid_t>(syscall(SYS_gettid));
          char byte = 0;
          if (read(read_from.end(), &byte, 1) != 1) std::exit(9);
        }) {}
  ~reading_thread() {
    read_from_.send_byte();
    thread_.join();
  }
  reading_thread(const reading_thread&) = delete;
  reading_thread& operator=(const reading_thread&) = delete;

  [[nodiscard]] bool reads() const {
    return harness::wait_until([this] { return task_ != 0 && programs::sleeps(task_); });
  }

 private:
  const connection& read_from_;
  std::atomic<pid_t> task_{0};
  std::thread thread_;
};

int ends_while_its_thread_reads_another() {
  connection link;
  connection other(0);
  const reading_thread reading(link, other);
  if (!reading.reads()) return 1;
  link.close_end();
  wait_a_little();
  return link.is_draining() ? 2 : 0;
}

int goes_on_draining_while_a_thread_reads_it() {
  connection link;
  const reading_thread reading(link, link);
  if (!reading.reads()) return 1;
  link.close_end();
  for (int i = 0; i < 20; ++i) wait_a_little();
  return link.is_draining() ? 0 : 2;
}

/// What another thread of the parent has yet to pass is over in the child.
int ends_in_a_child_whose_other_threads_are_gone() {
  connection link;
  std::atomic<int> stage{0};
  std::thread busy([&] {
    link.serve();
    stage = 1;
    while (stage != 2) std::this_thread::yield();
  });
  while (stage != 1) wait_a_little();
  link.close_end();
  wait_a_little();
  const bool was_draining = link.is_draining();
  const pid_t child = fork();
  if (child == 0) _exit(link.is_draining() ? 3 : 0);
  int status = -1;
  waitpid(child, &status, 0);
  const bool drains_here = link.is_draining();
  stage = 2;
  busy.join();
  if (!was_draining || !drains_here) return 1;
  return status == 0 ? 0 : 2;
}

constexpr programs::named_case cases[] = {
    {"ends_at_once_when_nothing_lives", ends_at_once_when_nothing_lives},
    {"ends_at_the_next_close_when_it_is_empty", ends_at_the_next_close_when_it_is_empty},
    {"waits_for_a_busy_thread", waits_for_a_busy_thread},
    {"waits_for_the_last_of_four_threads", waits_for_the_last_of_four_threads},
    {"waits_for_the_last_of_nine_threads", waits_for_the_last_of_nine_threads},
    {"ends_when_its_last_thread_ends", ends_when_its_last_thread_ends},
    {"ends_when_its_close_was_cancelled_and_made_again",
     ends_when_its_close_was_cancelled_and_made_again},
    {"bears_a_cancelled_close_of_a_pipe", bears_a_cancelled_close_of_a_pipe},
    {"goes_on_when_its_close_was_cancelled", goes_on_when_its_close_was_cancelled},
    {"ends_at_a_blocking_read_of_another", ends_at_a_blocking_read_of_another},
    {"goes_on_draining_at_a_read_that_does_not_block",
     goes_on_draining_at_a_read_that_does_not_block},
    {"ends_while_its_thread_reads_another", ends_while_its_thread_reads_another},
    {"goes_on_draining_while_a_thread_reads_it", goes_on_draining_while_a_thread_reads_it},
    {"ends_in_a_child_whose_other_threads_are_gone", ends_in_a_child_whose_other_threads_are_gone},
};

}  // namespace

int main(int count, char** words) {
  if (connarena_of_fd == nullptr) return programs::not_preloaded;
  return programs::run_named(cases, count, words);
}
