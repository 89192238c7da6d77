#include "works/system_calls.hpp"

#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

namespace micro {
namespace {

/// The tracer's whole life: it allocates nothing, since it is a copy of whoever it traces.
class tracer {
 public:
  tracer(pid_t traced, int orders, int answers) noexcept
      : traced_(traced), orders_(orders), answers_(answers) {}

  [[noreturn]] void run() noexcept {
    // What is traced must not be on its way to any other call than to hear of it.
    if (!has_order() || !seize()) _exit(1);
    say(0);
    fcntl(orders_, F_SETFL, O_NONBLOCK);
    while (!has_order()) {
      if (!go_on()) _exit(2);
    }
    ptrace(PTRACE_DETACH, traced_, nullptr, undelivered_);
    say(stops_ / stops_of_a_call);
    _exit(0);
  }

 private:
  static constexpr long stops_of_a_call = 2;  // as it enters the kernel and as it leaves it

  [[nodiscard]] bool seize() noexcept {
    if (ptrace(PTRACE_SEIZE, traced_, nullptr, PTRACE_O_TRACESYSGOOD) != 0) return false;
    if (ptrace(PTRACE_INTERRUPT, traced_, nullptr, nullptr) != 0) return false;
    return stopped();
  }

  [[nodiscard]] bool stopped() noexcept {
    int status = 0;
    if (waitpid(traced_, &status, __WALL) != traced_ || !WIFSTOPPED(status)) return false;
    constexpr int of_a_call = SIGTRAP | 0x80;
    const int signal = WSTOPSIG(status);
    const bool is_for_the_program = signal != of_a_call && status >> 16 == 0;
    if (signal == of_a_call) ++stops_;
    undelivered_ = is_for_the_program ? signal : 0;
    return true;
  }

  [[nodiscard]] bool go_on() noexcept {
    return ptrace(PTRACE_SYSCALL, traced_, nullptr, undelivered_) == 0 && stopped();
  }

  [[nodiscard]] bool has_order() noexcept {
    char order;
    return read(orders_, &order, 1) == 1;
  }

  void say(long count) noexcept {
    if (write(answers_, &count, sizeof count) != sizeof count) _exit(3);
  }

  pid_t traced_;
  int orders_;
  int answers_;
  long stops_ = 0;
  long undelivered_ = 0;  // the signal whose delivery has been stopped, if any
};

}  // namespace

traced_stretch::traced_stretch() noexcept {
  int orders[2];
  int answers[2];
  if (pipe2(orders, O_CLOEXEC) != 0) return;
  if (pipe2(answers, O_CLOEXEC) != 0) return;
  const pid_t traced = gettid();
  tracer_ = fork();
  if (tracer_ == 0) {
    close(answers[0]);
    tracer(traced, orders[0], answers[1]).run();
  }
  close(orders[0]);
  close(answers[1]);
  to_tracer_ = orders[1];
  from_tracer_ = answers[0];
  if (tracer_ < 0) return;
  // Where the kernel lets only a parent trace (Yama), unless it is asked.
  prctl(PR_SET_PTRACER, tracer_, 0, 0, 0);
  if (!order()) return;
  long started = 0;
  is_traced_ = read(from_tracer_, &started, sizeof started) == sizeof started;
}

bool traced_stretch::order() noexcept {
  const char next = 'n';
  return write(to_tracer_, &next, 1) == 1;
}

long traced_stretch::end() noexcept {
  long count = 0;
  if (!order()) return 0;
  if (read(from_tracer_, &count, sizeof count) != sizeof count) return 0;
  waitpid(tracer_, nullptr, 0);
  close(to_tracer_);
  close(from_tracer_);
  return count;
}

}  // namespace micro
