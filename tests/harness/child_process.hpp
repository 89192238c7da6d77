// child_process.hpp - programs that a test starts: run to their end, or kept in
// the background. Each is ended by its own process id and dies with the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "harness/deadline.hpp"

namespace harness {

/// A program, its arguments, and what it adds to the environment.
struct command {
  std::vector<std::string> arguments;
  std::vector<std::string> environment = {};  ///< "NAME=value"
  std::string input = {};                     ///< what it reads from standard input
  std::string directory = {};                 ///< where it runs; empty: here
};

/// How a program ended and what it wrote.
struct outcome {
  int exit_code = -1;  ///< -1 if a signal ended it
  int signal = 0;      ///< 0 if it exited
  bool timed_out = false;
  std::string output;
  std::string errors;

  [[nodiscard]] bool succeeded() const { return exit_code == 0 && !timed_out; }
};

/// One line for a failed assertion.
[[nodiscard]] std::string describe(const outcome& result);

/// Runs a program to its end; kills it at the deadline.
[[nodiscard]] outcome run(const command& what, std::chrono::seconds limit = patience);

/// Runs `body` in a forked child; its return value is the exit code.
[[nodiscard]] outcome run_forked(int (*body)(), std::chrono::seconds limit = patience);

/// Where a program is found on PATH; empty if it is not.
[[nodiscard]] std::string find_program(const std::string& name);

/// A program in the background. Its output goes to a file.
class background_process {
 public:
  background_process(const command& what, std::string log_path);
  background_process(const background_process&) = delete;
  background_process& operator=(const background_process&) = delete;
  ~background_process();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool is_running();
  /// Asks it to end and waits; kills it at the deadline.
  outcome stop();
  [[nodiscard]] std::string log() const;

 private:
  pid_t pid_;
  bool ended_ = false;
  int status_ = 0;
  std::string log_path_;
};

}  // namespace harness
