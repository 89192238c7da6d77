// live_view.hpp - a program under `connarena run`, and what `connarena stats` says of it.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/child_process.hpp"
#include "programs/loopback.hpp"

namespace programs {

using nlohmann::json;

/// A program in the background whose log is in a folder of its own.
class running_program {
 public:
  explicit running_program(const std::vector<std::string>& words)
      : process_({words}, folder_.file("log")) {}

  [[nodiscard]] pid_t pid() const { return process_.pid(); }
  [[nodiscard]] harness::background_process& process() { return process_; }
  [[nodiscard]] bool says(const std::string& words) {
    return harness::wait_until(
        [&] { return process_.log().find(words) != std::string::npos || !process_.is_running(); });
  }
  [[nodiscard]] std::string log() const { return process_.log(); }

 private:
  const scratch_folder folder_;
  harness::background_process process_;
};

[[nodiscard]] inline std::vector<std::string> under_run(std::vector<std::string> program) {
  program.insert(program.begin(), {LAUNCHER, "run"});
  return program;
}

[[nodiscard]] inline harness::outcome stats(std::vector<std::string> words) {
  words.insert(words.begin(), {LAUNCHER, "stats"});
  return harness::run({std::move(words)});
}

/// What is said of a process, as JSON; null if nothing is.
[[nodiscard]] inline json live_figures(pid_t process) {
  const harness::outcome result = stats({std::to_string(process), "--json"});
  return result.succeeded() ? json::parse(result.output, nullptr, false) : json();
}

/// Looks until what is said is as it should be. Gives what was said last.
template <typename Condition>
[[nodiscard]] json live_figures_when(pid_t process, Condition is_right) {
  json seen;
  EXPECT_TRUE(harness::wait_until([&] {
    seen = live_figures(process);
    return seen.is_object() && is_right(seen);
  })) << seen.dump(1);
  return seen;
}

/// Empty where it is null.
[[nodiscard]] inline std::string text_at(const json& of, const char* field) {
  return of[field].is_string() ? of[field].get<std::string>() : std::string();
}

/// The bytes of the connection that holds most, as far as it is there.
[[nodiscard]] inline std::size_t most_footprint(const json& of) {
  const json& rows = of["connections"];
  return rows.empty() ? 0 : rows[0]["footprint_bytes"].get<std::size_t>();
}

}  // namespace programs
