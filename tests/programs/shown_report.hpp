// shown_report.hpp - a program under `connarena run --report`, and what the report says.
#pragma once

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "harness/child_process.hpp"

namespace programs {

[[nodiscard]] inline std::vector<std::string> with_report(const std::string& option,
                                                          std::vector<std::string> program) {
  program.insert(program.begin(), {LAUNCHER, "run", option});
  return program;
}

/// The report in a file, as `connarena report` shows it.
[[nodiscard]] inline std::string shown(const std::string& file,
                                       const std::vector<std::string>& options = {}) {
  std::vector<std::string> words{LAUNCHER, "report"};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back(file);
  const harness::outcome result = harness::run({words});
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
  return result.output;
}

/// A count of a report; -1 if it is not there.
[[nodiscard]] inline long figure(const std::string& report, const std::string& label) {
  std::smatch match;
  const std::regex line("\n  " + label + R"( +(\d+))");
  return std::regex_search(report, match, line) ? std::stol(match[1]) : -1;
}

/// A figure of a report in MiB; 0 if it is smaller or not there.
[[nodiscard]] inline double mebibytes(const std::string& report, const std::string& label) {
  std::smatch match;
  const std::regex line("\n  " + label + R"( +(\d+\.\d) MiB)");
  return std::regex_search(report, match, line) ? std::stod(match[1]) : 0;
}

[[nodiscard]] inline bool contains(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

}  // namespace programs
