// The report of a program that the launcher has started.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
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

/// The report in a file, as `connarena report` shows it.
std::string shown(const std::string& file) {
  const outcome result = harness::run({{LAUNCHER, "report", file}});
  EXPECT_TRUE(result.succeeded()) << describe(result);
  return result.output;
}

TEST(report, to_a_file_that_a_child_cannot_reach_leaves_its_output_alone) {
  const programs::scratch_folder folder;
  const std::string inner = folder.file("inner");
  const std::string script = "mv " + inner + " " + inner + "-moved; id -u 2>&1";
  ASSERT_TRUE(std::filesystem::create_directory(inner));
  const outcome result = launch({"--report=" + inner + "/report", "/bin/sh", "-c", script});
  EXPECT_EQ(result.output, std::to_string(getuid()) + "\n") << describe(result);
  EXPECT_EQ(result.errors, "");
}

TEST(report, to_stderr_is_not_of_a_child_without_connections) {
  const std::string script = "x=$(/bin/sh -c 'echo said' 2>&1); echo $x";
  const outcome result = launch({"--report=stderr", "/bin/sh", "-c", script});
  EXPECT_EQ(result.output, "said\n") << describe(result);
  EXPECT_NE(result.errors.find("connarena: sh,"), std::string::npos) << result.errors;
}

TEST(report, in_a_relative_file_is_where_the_launcher_was) {
  const programs::scratch_folder folder;
  const outcome result = harness::run({{LAUNCHER, "run", "--report=report", "/bin/sh", "-c",
                                        "mkdir inner && cd inner && exec /bin/echo ran"},
                                       {},
                                       "",
                                       folder.file("")});
  EXPECT_EQ(result.output, "ran\n") << describe(result);
  EXPECT_FALSE(std::filesystem::exists(folder.file("inner/report")));
  EXPECT_NE(shown(folder.file("report")).find("connarena: echo,"), std::string::npos);
}

TEST(report, of_a_program_that_has_ended_is_not_replaced_by_its_children) {
  const programs::scratch_folder folder;
  const std::string late = folder.file("late");
  const std::string script =
      "(while kill -0 $$; do :; done; id; echo >" + late + ") >/dev/null 2>&1 </dev/null & exit 0";
  const outcome result = launch({"--report=" + folder.file("report"), "/bin/sh", "-c", script});
  EXPECT_TRUE(result.succeeded()) << describe(result);
  ASSERT_TRUE(harness::wait_until([&] { return std::filesystem::exists(late); }));
  EXPECT_NE(shown(folder.file("report")).find("connarena: sh,"), std::string::npos);
}

/// Runs a script of the shell in which $connarena starts a program with its report
/// on stderr.
outcome run_script(const std::string& script, const programs::scratch_folder& folder) {
  const std::string command = "connarena='" LAUNCHER " run --report=stderr'; " + script;
  return harness::run({{"/bin/sh", "-c", command}, {}, "", folder.file("")},
                      std::chrono::seconds(30));
}

TEST(report, to_a_pipe_without_a_reader_leaves_the_exit_status) {
  const programs::scratch_folder folder;
  const outcome result = run_script(
      "mkfifo pipe; exec 3<>pipe 4>pipe 3<&-; $connarena /bin/sh -c 'exit 3' 2>&4; echo $?",
      folder);
  EXPECT_EQ(result.output, "3\n") << describe(result);
}

TEST(report, to_a_pipe_that_is_full_lets_the_program_end) {
  const programs::scratch_folder folder;
  const outcome result = run_script(
      "mkfifo pipe; exec 3<>pipe; dd if=/dev/zero bs=4096 count=16 >&3 2>/dev/null; "
      "$connarena /bin/sh -c 'exit 3' 2>&3; echo $?",
      folder);
  EXPECT_EQ(result.output, "3\n") << describe(result);
}

TEST(report, of_a_program_that_closes_stderr_at_its_end_is_written_before) {
  const outcome result = launch({"--report", "/bin/ls", "/"});
  EXPECT_NE(result.errors.find("connarena: ls,"), std::string::npos) << describe(result);
}

TEST(report, is_its_owners_alone_and_replaced_by_the_next) {
  const programs::scratch_folder folder;
  const std::string file = folder.file("report");
  EXPECT_TRUE(launch({"--report=" + file, "/bin/true"}).succeeded());
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_TRUE(launch({"--report=" + file, "/bin/echo"}).succeeded()) << "it can be replaced";
  EXPECT_NE(shown(file).find("connarena: echo,"), std::string::npos);
}

/// Of the call site with the most of them.
void expect_survivors(const std::string& name, int connections, double tolerance) {
  const programs::scratch_folder folder;
  const std::string file = folder.file("report");
  const outcome result =
      launch({"--report=" + file, LEAKING_PROGRAM, name, std::to_string(connections)});
  EXPECT_EQ(result.exit_code, 0) << describe(result);
  const std::string report = shown(file);
  std::smatch match;
  ASSERT_TRUE(std::regex_search(report, match, std::regex("allocated in\\n +(\\d+)"))) << report;
  EXPECT_NEAR(std::stod(match[1]), connections, tolerance) << report;
}

// Six standard deviations to either side.
TEST(report, of_a_program_with_a_rhythm_counts_survivors_about_right) {
  expect_survivors("rhythm", 4000, 1000);  // every eighth block stays, of 32,000
}
TEST(report, of_a_program_with_short_threads_counts_survivors_about_right) {
  expect_survivors("forgetful-threads", 6000, 700);
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
