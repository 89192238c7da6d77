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
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execv("/proc/self/exe", arguments.data());
  _exit(refused);
}

}  // namespace

recorded_program::recorded_program(const std::vector<std::string>& words,
                                   const std::string& report) {
  const pid_t made = fork();
  if (made == 0) become_run(words, report);
  if (made > 0) pid_ = made;
}

bool recorded_program::has_ended() {
  if (!has_ended_) has_ended_ = waitpid(pid_, &status_, WNOHANG) == pid_;
  return has_ended_;
}

void recorded_program::pass_on(int signal) const { kill(pid_, signal); }

int recorded_program::exit_code() const {
  constexpr int by_signal = 128;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : by_signal + WTERMSIG(status_);
}

}  // namespace connarena::launcher
