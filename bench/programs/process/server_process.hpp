// server_process.hpp - a program that the demo started: begin, watch, end.
//
// Ended by its process id alone, and killed with the demo should that die. Every
// wait has a deadline.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "process/unique_fd.hpp"

namespace demo {

struct launch_plan {
  std::vector<std::string> arguments;    ///< the first is the program's path
  std::vector<std::string> environment;  ///< NAME=VALUE, added to the demo's own
  std::filesystem::path log_file;        ///< receives stderr, and stdout unless conversing
  bool is_conversing = false;            ///< stdin and stdout become pipes to the demo
};

class server_process {
 public:
  /// Pre: called on the demo's main thread, whose end would kill the program.
  explicit server_process(const launch_plan& plan);
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  [[nodiscard]] bool has_ended();

  /// Returns once the program listens there; fails if it ends first or takes too long.
  void wait_until_listening(int port);

  /// Asks it to end (SIGTERM), then insists. Also called by the destructor.
  void stop() noexcept;

  /// Only when conversing: writes a line to its stdin; reads one from its stdout.
  void tell(const std::string& line);
  [[nodiscard]] std::string hear(std::chrono::milliseconds at_most);

  /// How the program ended, and the last of what it logged; for a failure's message.
  [[nodiscard]] std::string last_words();

 private:
  [[nodiscard]] bool ends_within(std::chrono::milliseconds at_most) noexcept;

  pid_t id_ = -1;
  bool is_reaped_ = false;
  int status_ = 0;
  std::filesystem::path program_;
  std::filesystem::path log_file_;
  unique_fd to_program_;
  unique_fd from_program_;
  std::string unread_;
};

}  // namespace demo
