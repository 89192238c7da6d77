#include "shim/launcher/record/recorded_program.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim/launcher/refusal.hpp"

namespace connarena::launcher {
namespace {

[[noreturn]] void become_run(const std::vector<std::string>& words, const std::string& report) {
  std::vector<std::string> all = {"connarena", "run", "--live=on"};
  if (!report.empty()) all.push_back("--report=" + report);
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& each : all) arguments.push_back(each.data());
  arguments.push_back(nullptr);
  execv("/proc/self/exe", arguments.data());
  _exit(refused);
}

}  // namespace

recorded_program::recorded_program(const std::vector<std::string>& words, const std::string& report,
                                   const awaited_signals& signals) {
  const pid_t made = fork();
  if (made == 0) {
    signals.give_back();
    become_run(words, report);
  }
  if (made > 0) pid_ = made;
}

bool recorded_program::has_ended() {
  if (has_ended_) return true;
  const pid_t ended = waitpid(pid_, &status_, WNOHANG);
  // How it ended may not be known; that it has is.
  if (ended < 0) status_ = W_EXITCODE(refused, 0);
  has_ended_ = ended != 0;
  return has_ended_;
}

void recorded_program::pass_on(int signal) const { kill(pid_, signal); }

int recorded_program::exit_code() const {
  constexpr int by_signal = 128;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : by_signal + WTERMSIG(status_);
}

}  // namespace connarena::launcher
