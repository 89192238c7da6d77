// The launcher: what it passes on and what it refuses.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "harness/child_process.hpp"
#include "programs/loopback.hpp"

namespace {

using harness::describe;
using harness::outcome;

outcome launch(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
  arguments.insert(arguments.begin(), {LAUNCHER, "run"});
  return harness::run({std::move(arguments), std::move(environment)});
}

void expect_refused(const outcome& result, const std::string& word) {
  EXPECT_NE(result.exit_code, 0) << describe(result);
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.output, "") << "the program ran";
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  EXPECT_NE(result.errors.find(word), std::string::npos) << result.errors;
}

TEST(launcher, passes_output_and_exit_status_on) {
  const outcome result = launch({"--", "/bin/sh", "-c", "echo out; echo err >&2; exit 42"});
  EXPECT_EQ(result.exit_code, 42);
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.errors, "err\n");
}

TEST(launcher, passes_a_signal_on) {
  const outcome result = launch({"/bin/sh", "-c", "kill -KILL $$"});
  EXPECT_EQ(result.signal, SIGKILL) << describe(result);
}

TEST(launcher, becomes_the_program) {
  const programs::scratch_folder folder;
  harness::background_process running({{LAUNCHER, "run", "/bin/sh", "-c", "echo $$; sleep 60"}},
                                      folder.file("log"));
  ASSERT_TRUE(harness::wait_until([&] { return running.log().find('\n') != std::string::npos; }));
  EXPECT_EQ(running.log(), std::to_string(running.pid()) + "\n");
}

TEST(launcher, keeps_a_preload_that_is_already_set) {
  const outcome result = launch({"/bin/sh", "-c", "echo $LD_PRELOAD"}, {"LD_PRELOAD=libm.so.6"});
  EXPECT_NE(result.output.find("libconnarena_preload.so"), std::string::npos) << describe(result);
  EXPECT_NE(result.output.find("libm.so.6"), std::string::npos) << describe(result);
}

TEST(launcher, hardens_a_program_that_is_to_be) {
  const outcome by_default = launch({TWO_CONNECTIONS_PROGRAM, "late"});
  EXPECT_EQ(by_default.exit_code, 1) << describe(by_default);
  const outcome hardened = launch({"--hardened", TWO_CONNECTIONS_PROGRAM, "late"});
  EXPECT_EQ(hardened.exit_code, 0) << describe(hardened);
}

TEST(launcher, refuses_a_missing_program) {
  expect_refused(launch({"/nowhere/to/be"}), "/nowhere");
}

TEST(launcher, refuses_a_static_program) {
  expect_refused(launch({"/sbin/ldconfig", "-p"}), "static");
}

TEST(launcher, refuses_a_setuid_program) {
  const programs::scratch_folder folder;
  const std::string program = folder.file("setuid");
  std::ofstream(program) << std::ifstream("/bin/true").rdbuf();
  ASSERT_EQ(::chmod(program.c_str(), 04755), 0);
  expect_refused(launch({program}), "setuid");
}

TEST(launcher, refuses_a_missing_base_allocator) {
  expect_refused(launch({"--base=/nowhere/liballoc.so", "echo", "ran"}), "/nowhere/liballoc.so");
}

TEST(launcher, refuses_a_bad_size) {
  expect_refused(launch({"--min-size=many", "echo", "ran"}), "many");
  expect_refused(launch({"--retain=-3", "echo", "ran"}), "-3");
}

TEST(launcher, refuses_a_word_that_an_option_does_not_know) {
  expect_refused(launch({"--on-close=maybe", "echo", "ran"}), "maybe");
  expect_refused(launch({"--small=some", "echo", "ran"}), "some");
}

TEST(launcher, refuses_an_unknown_option) {
  expect_refused(launch({"--frobnicate", "echo", "ran"}), "--frobnicate");
}

TEST(setting, that_is_bad_is_reported_once_by_name_and_the_program_runs) {
  const outcome result =
      launch({"/bin/sh", "-c", "echo ran"}, {"CONNARENA_MIN_SIZE=lots", "PATH=/usr/bin:/bin"});
  EXPECT_EQ(result.exit_code, 0) << describe(result);
  EXPECT_EQ(result.output, "ran\n");
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  EXPECT_NE(result.errors.find("CONNARENA_MIN_SIZE"), std::string::npos) << result.errors;
}

}  // namespace
