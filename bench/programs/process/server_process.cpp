#include "process/server_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "net/sockets.hpp"
#include "process/failure.hpp"

extern char** environ;

namespace demo {
namespace {

using namespace std::chrono_literals;

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// The demo's environment without the names that the plan sets.
std::vector<std::string> merged_environment(const std::vector<std::string>& added) {
  std::vector<std::string> merged = added;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string name = text.substr(0, text.find('=') + 1);
    bool is_set = name == "LD_PRELOAD=" || name == "MALLOC_CONF=";
    for (const std::string& other : added) is_set = is_set || other.rfind(name, 0) == 0;
    if (!is_set) merged.push_back(text);
  }
  return merged;
}

/// In the child of a program with threads: system calls only.
[[noreturn]] void become(char* const* arguments, char* const* environment, int input, int output,
                         int errors) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

struct pipe_ends {
  unique_fd read_end;
  unique_fd write_end;
};

pipe_ends open_pipe() {
  int descriptors[2];
  if (::pipe2(descriptors, O_CLOEXEC) != 0) fail_by_errno("pipe");
  return {unique_fd(descriptors[0]), unique_fd(descriptors[1])};
}

}  // namespace

server_process::server_process(const launch_plan& plan)
    : program_(plan.arguments.at(0)), log_file_(plan.log_file) {
  const unique_fd null_input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const unique_fd log(::open(log_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!null_input.is_open() || !log.is_open()) fail_by_errno("cannot open " + log_file_.string());
  pipe_ends input;
  pipe_ends output;
  if (plan.is_conversing) {
    input = open_pipe();
    output = open_pipe();
  }
  const std::vector<std::string> environment = merged_environment(plan.environment);
  const std::vector<char*> argument_pointers = pointers_to(plan.arguments);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  id_ = ::fork();
  if (id_ < 0) fail_by_errno("fork");
  if (id_ == 0) {
    become(argument_pointers.data(), environment_pointers.data(),
           plan.is_conversing ? input.read_end.get() : null_input.get(),
           plan.is_conversing ? output.write_end.get() : log.get(), log.get());
  }
  to_program_ = std::move(input.write_end);
  from_program_ = std::move(output.read_end);
}

server_process::~server_process() { stop(); }

bool server_process::has_ended() {
  if (!is_reaped_ && ::waitpid(id_, &status_, WNOHANG) == id_) is_reaped_ = true;
  return is_reaped_;
}

bool server_process::ends_within(std::chrono::milliseconds at_most) noexcept {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (!has_ended()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

void server_process::stop() noexcept {
  if (has_ended()) return;
  ::kill(id_, SIGTERM);
  if (ends_within(5s)) return;
  ::kill(id_, SIGKILL);
  static_cast<void>(ends_within(5s));
}

void server_process::wait_until_listening(int port) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!is_listening(port)) {
    if (has_ended()) throw failure("did not start: " + last_words());
    if (std::chrono::steady_clock::now() > deadline) {
      throw failure("does not listen after 20 s: " + last_words());
    }
    std::this_thread::sleep_for(20ms);
  }
}

void server_process::tell(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(to_program_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw failure("does not listen to \"" + line + "\": " + last_words());
  }
}

std::string server_process::hear(std::chrono::milliseconds at_most) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      const std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    if (std::chrono::steady_clock::now() > deadline) throw failure("no answer: " + last_words());
    pollfd waited{from_program_.get(), POLLIN, 0};
    if (::poll(&waited, 1, 100) <= 0) continue;
    char buffer[4096];
    const ssize_t size = ::read(from_program_.get(), buffer, sizeof buffer);
    if (size <= 0) throw failure("ended early: " + last_words());
    unread_.append(buffer, static_cast<std::size_t>(size));
  }
}

std::string server_process::last_words() {
  std::string words = program_.filename().string();
  if (ends_within(200ms)) {
    words += WIFSIGNALED(status_) ? " was ended by signal " + std::to_string(WTERMSIG(status_))
                                  : " exited with " + std::to_string(WEXITSTATUS(status_));
  } else {
    words += " is running";
  }
  std::ifstream stream(log_file_);
  const std::string log((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  constexpr std::size_t shown_bytes = 600;
  return words + "; its log ends: " +
         (log.size() > shown_bytes ? log.substr(log.size() - shown_bytes) : log);
}

}  // namespace demo
