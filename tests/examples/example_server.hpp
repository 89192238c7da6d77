// example_server.hpp - one of docs/examples, started on a free port, and ended by its process
// id.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
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

  /// More clients come than it may have descriptors, and leave again. Meanwhile it tries to
  /// accept them over and over, which takes none of its memory.
  void run_out_of_descriptors() {
    const rlimit few{40, 40};
    ASSERT_EQ(::prlimit(process_.pid(), RLIMIT_NOFILE, &few, nullptr), 0);
    const long resident_bytes_before = resident_bytes();
    std::vector<programs::tcp_client> clients;
    while (clients.size() < few.rlim_cur) clients.push_back(connect());
    const long tried_enough = cpu_ticks() + ::sysconf(_SC_CLK_TCK) / 4;
    ASSERT_TRUE(harness::wait_until([&] { return cpu_ticks() >= tried_enough; }));
    EXPECT_LT(resident_bytes() - resident_bytes_before, 16 << 20);
  }

 private:
  [[nodiscard]] long resident_bytes() const {
    long all_pages = 0;
    long resident_pages = 0;
    std::ifstream(process_file("statm")) >> all_pages >> resident_pages;
    return resident_pages * ::sysconf(_SC_PAGESIZE);
  }
  /// Of the user and of the system.
  [[nodiscard]] long cpu_ticks() const {
    std::string all;
    std::getline(std::ifstream(process_file("stat")), all);
    std::istringstream behind_name(all.substr(all.rfind(')') + 1));
    const std::vector<std::string> fields{std::istream_iterator<std::string>(behind_name), {}};
    return std::stol(fields.at(11)) + std::stol(fields.at(12));
  }
  [[nodiscard]] std::string process_file(const std::string& name) const {
    return "/proc/" + std::to_string(process_.pid()) + "/" + name;
  }
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
