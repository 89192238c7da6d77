#include "harness/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "harness/emulator.hpp"

namespace harness {
namespace {

constexpr int exec_failed = 127;

struct pipe_pair {
  int read_end = -1;
  int write_end = -1;

  pipe_pair() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    read_end = ends[0];
    write_end = ends[1];
  }
  pipe_pair(const pipe_pair&) = delete;
  pipe_pair& operator=(const pipe_pair&) = delete;
  ~pipe_pair() {
    close_end(read_end);
    close_end(write_end);
  }
  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

struct standard_streams {
  int input;
  int output;
  int errors;
};

/// Everything exec needs, laid out before the fork: no allocation in the child.
class exec_image {
 public:
  explicit exec_image(const command& what)
      : what_(what), program_(find_program(what.arguments[0])) {
    // What is named by its path was built with the tests.
    if (!emulator.empty() && program_ == what_.arguments[0]) {
      program_ = find_program(emulator);
      arguments_.push_back(const_cast<char*>(emulator.c_str()));
    }
    for (const std::string& argument : what_.arguments) {
      arguments_.push_back(const_cast<char*>(argument.c_str()));
    }
    for (const std::string& setting : what_.environment) {
      environment_.push_back(const_cast<char*>(setting.c_str()));
    }
    for (char** inherited = environ; *inherited != nullptr; ++inherited) {
      if (!is_overridden(*inherited)) environment_.push_back(*inherited);
    }
    arguments_.push_back(nullptr);
    environment_.push_back(nullptr);
  }

  [[noreturn]] void start(const standard_streams& streams) const {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(streams.input, STDIN_FILENO);
    ::dup2(streams.output, STDOUT_FILENO);
    ::dup2(streams.errors, STDERR_FILENO);
    if (!what_.directory.empty() && ::chdir(what_.directory.c_str()) != 0) ::_exit(exec_failed);
    ::execve(program_.c_str(), arguments_.data(), environment_.data());
    ::_exit(exec_failed);
  }

 private:
  [[nodiscard]] bool is_overridden(const std::string& inherited) const {
    const std::string name = inherited.substr(0, inherited.find('=') + 1);
    for (const std::string& setting : what_.environment) {
      if (setting.compare(0, name.size(), name) == 0) return true;
    }
    return false;
  }

  const command& what_;
  std::string program_;
  std::vector<char*> arguments_;
  std::vector<char*> environment_;
};

/// Takes what is readable; closes the stream at its end.
void drain_into(int& stream, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t count = ::read(stream, buffer.data(), buffer.size());
  if (count > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  } else {
    pipe_pair::close_end(stream);
  }
}

void collect(pipe_pair& output, pipe_pair& errors, outcome& result, time_point deadline) {
  while (output.read_end >= 0 || errors.read_end >= 0) {
    std::array<pollfd, 2> waits{{{output.read_end, POLLIN, 0}, {errors.read_end, POLLIN, 0}}};
    if (::poll(waits.data(), waits.size(), milliseconds_until(deadline)) <= 0) {
      result.timed_out = true;
      return;
    }
    if (waits[0].revents != 0) drain_into(output.read_end, result.output);
    if (waits[1].revents != 0) drain_into(errors.read_end, result.errors);
  }
}

void record_status(int status, outcome& result) {
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
}

/// Collects a child's output and its end. `pid` is also its process group.
void finish(pid_t pid, pipe_pair& output, pipe_pair& errors, outcome& result,
            std::chrono::seconds limit) {
  pipe_pair::close_end(output.write_end);
  pipe_pair::close_end(errors.write_end);
  const time_point deadline = clock::now() + limit;
  collect(output, errors, result, deadline);
  int status = 0;
  const bool ended = !result.timed_out &&
                     wait_until([&] { return ::waitpid(pid, &status, WNOHANG) == pid; }, deadline);
  if (!ended) {
    result.timed_out = true;
    ::kill(-pid, SIGKILL);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
  }
  record_status(status, result);
  result.errors = without_words_of_emulator(result.errors);
}

/// A file that holds `text`, already unlinked, at its start.
int open_input(const std::string& text) {
  if (text.empty()) return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::FILE* file = std::tmpfile();
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
  const int copy = ::fcntl(::fileno(file), F_DUPFD_CLOEXEC, 3);
  std::fclose(file);
  ::lseek(copy, 0, SEEK_SET);
  return copy;
}

}  // namespace

std::string describe(const outcome& result) {
  std::ostringstream text;
  text << (result.timed_out ? "timed out, " : "") << "exit code " << result.exit_code << ", signal "
       << result.signal << "\nstdout: " << result.output.substr(0, 2000)
       << "\nstderr: " << result.errors.substr(0, 2000);
  return text.str();
}

outcome run(const command& what, std::chrono::seconds limit) {
  pipe_pair output;
  pipe_pair errors;
  const exec_image image(what);
  const int input = open_input(what.input);
  const pid_t pid = ::fork();
  if (pid == 0) image.start({input, output.write_end, errors.write_end});
  ::setpgid(pid, pid);
  ::close(input);
  outcome result;
  finish(pid, output, errors, result, limit);
  return result;
}

outcome run_forked(int (*body)(), std::chrono::seconds limit) {
  pipe_pair output;
  pipe_pair errors;
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output.write_end, STDOUT_FILENO);
    ::dup2(errors.write_end, STDERR_FILENO);
    ::_exit(body());
  }
  ::setpgid(pid, pid);
  outcome result;
  finish(pid, output, errors, result, limit);
  return result;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string("/usr/bin:/usr/sbin:") + (path != nullptr ? path : ""));
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

background_process::background_process(const command& what, std::string log_path)
    : log_path_(std::move(log_path)) {
  const exec_image image(what);
  const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int log = ::open(log_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  pid_ = ::fork();
  if (pid_ == 0) image.start({input, log, log});
  ::setpgid(pid_, pid_);
  ::close(input);
  ::close(log);
}

background_process::~background_process() { stop(); }

bool background_process::is_running() {
  if (!ended_) ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
  return !ended_;
}

outcome background_process::stop() {
  outcome result;
  if (is_running()) {
    ::kill(pid_, SIGTERM);
    if (!wait_until([&] { return !is_running(); })) {
      result.timed_out = true;
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, &status_, 0);
      ended_ = true;
    }
  }
  record_status(status_, result);
  result.output = log();
  return result;
}

std::string background_process::log() const {
  std::ifstream file(log_path_);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace harness
