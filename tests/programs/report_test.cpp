// The report of a program that the launcher has started.
#include <gtest/gtest.h>
#include <signal.h>

#include <regex>

#include "harness/child_process.hpp"
#include "programs/loopback.hpp"

namespace {

using harness::describe;
using harness::outcome;

outcome launch(std::vector<std::string> arguments, std::vector<std::string> environment = {},
               std::chrono::seconds limit = harness::patience) {
  arguments.insert(arguments.begin(), {LAUNCHER, "run"});
  return harness::run({std::move(arguments), std::move(environment)}, limit);
}

/// A figure of a report in MiB; 0 if it is smaller or not there.
double mebibytes(const std::string& report, const std::string& label) {
  std::smatch match;
  const std::regex line(label + R"( +(\d+\.\d) MiB)");
  return std::regex_search(report, match, line) ? std::stod(match[1]) : 0;
}

TEST(report, is_written_when_the_program_ends) {
  const programs::scratch_folder folder;
  const std::string file = folder.file("report");
  const outcome result = launch({"--report=" + file, "/bin/echo", "ran"});
  EXPECT_EQ(result.output, "ran\n") << describe(result);
  const outcome shown = harness::run({{LAUNCHER, "report", file}});
  EXPECT_TRUE(shown.succeeded()) << describe(shown);
  for (const char* word : {"connections", "footprint", "survivors"}) {
    EXPECT_NE(shown.output.find(word), std::string::npos) << word << "\n" << shown.output;
  }
}

TEST(report, is_readable_after_a_kill) {
  const programs::scratch_folder folder;
  const std::string file = folder.file("report");
  const outcome result = launch({"--report=" + file, "/bin/sh", "-c", "kill -KILL $$"});
  EXPECT_EQ(result.signal, SIGKILL) << describe(result);
  const outcome shown = harness::run({{LAUNCHER, "report", file}});
  EXPECT_TRUE(shown.succeeded()) << describe(shown);
}

TEST(report, of_a_crowd_of_connections_is_kept_without_asking_each_for_each) {
  // Asking every arena at every close takes a minute.
  const outcome result =
      launch({"--small=on", "--report=stderr", CROWD_PROGRAM}, {}, std::chrono::seconds(30));
  EXPECT_EQ(result.exit_code, 0) << describe(result);
  EXPECT_GE(mebibytes(result.errors, "footprint, peak"), 100) << result.errors;
  EXPECT_LT(mebibytes(result.errors, "footprint, end"), 20) << result.errors;
}

}  // namespace
