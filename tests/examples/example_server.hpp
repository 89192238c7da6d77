// example_server.hpp - one of docs/examples, started on a free port, and ended by its process
// id.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "harness/child_process.hpp"
#include "programs/loopback.hpp"

namespace examples {

[[nodiscard]] inline std::string program_of(const std::string& name) {
  return EXAMPLES_FOLDER "/example_" + name;
}

class server {
 public:
  /// Started with its port and `more`.
  explicit server(const std::string& name, const std::vector<std::string>& more = {})
      : process_({arguments_of(name, more)}, folder_.file("log")) {
    if (!programs::is_listening(port_)) throw std::runtime_error(name + ": " + process_.log());
  }

  [[nodiscard]] programs::port_number port() const { return port_; }
  [[nodiscard]] programs::tcp_client connect() const { return programs::tcp_client(port_); }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Nothing that a client did has ended it, and it has nothing to say.
  [[nodiscard]] bool is_well() { return process_.is_running() && process_.log().empty(); }

 private:
  [[nodiscard]] std::vector<std::string> arguments_of(const std::string& name,
                                                      const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{program_of(name), std::to_string(port_)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  const programs::port_number port_ = programs::free_port();
  const programs::scratch_folder folder_;
  harness::background_process process_;
};

}  // namespace examples

/// Ends a test early, with a clear word, where the example could not be built.
#define CONNARENA_NEEDS_EXAMPLE(name, package)              \
  if (!std::filesystem::exists(examples::program_of(name))) \
  GTEST_SKIP() << "docs/examples/" << name << " is not built: " << package << " is missing"
