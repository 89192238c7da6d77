// --on-close=release: what a program forgets ends with its connection, and what it does
// to it later does no harm.
#include <gtest/gtest.h>
#include <signal.h>

#include <regex>

#include "harness/child_process.hpp"
#include "programs/loopback.hpp"

namespace {

using harness::describe;
using harness::outcome;

outcome launch(std::vector<std::string> options, std::vector<std::string> program) {
  std::vector<std::string> arguments{LAUNCHER, "run"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.push_back(LEAKING_PROGRAM);
  arguments.insert(arguments.end(), program.begin(), program.end());
  return harness::run({std::move(arguments)});
}

unsigned long figure(const std::string& report, const std::string& label) {
  std::smatch match;
  return std::regex_search(report, match, std::regex(label + " +(\\d+)")) ? std::stoul(match[1])
                                                                          : 0;
}

TEST(release, keeps_a_program_flat_that_leaks_with_each_connection) {
  const outcome result = launch({"--on-close=release"}, {"flat", "3000"});
  EXPECT_EQ(result.exit_code, 0) << describe(result);
  EXPECT_EQ(result.errors, "");
}

TEST(drain, keeps_what_a_program_leaks_with_each_connection) {
  constexpr int grew = 1;
  for (const char* option : {"--on-close=drain", "--small=on"}) {
    const outcome result = launch({option}, {"flat", "3000"});
    EXPECT_EQ(result.exit_code, grew) << option << describe(result);
  }
}

TEST(release, ignores_and_counts_late_frees) {
  const outcome result = launch({"--on-close=release", "--report=stderr"}, {"free-late", "200"});
  EXPECT_EQ(result.exit_code, 0) << describe(result);
  // The first connection has a first block, in which nothing can be released: whether
  // one of its blocks lies there depends on what the compiler leaves of the temporary ones.
  const auto ignored = figure(result.errors, "late frees, ignored");
  EXPECT_TRUE(ignored == 3 * 200 || ignored == 3 * 200 - 1) << result.errors;
}

TEST(release, leaves_what_a_worker_made_of_which_only_its_waker_tells_for_whom) {
  for (const char* option : {"--small=off", "--small=on"}) {
    const outcome result = launch({"--on-close=release", option}, {"worker-cache", "200"});
    EXPECT_EQ(result.exit_code, 0) << option << describe(result);
  }
}

TEST(release, leaves_what_the_loader_made_for_threads) {
  for (const char* option : {"--hardened", "--small=on"}) {
    const outcome result = launch({"--on-close=release", option}, {"threads", "100"});
    EXPECT_EQ(result.exit_code, 0) << option << describe(result);
    EXPECT_EQ(result.errors, "");
  }
}

TEST(release, bears_frees_while_connections_end) {
  const outcome result = launch({"--on-close=release"}, {"free-racing", "1000"});
  EXPECT_EQ(result.exit_code, 0) << describe(result);
  EXPECT_EQ(result.errors, "");
}

TEST(release, ends_a_hardened_program_that_touches_what_was_released_with_a_word) {
  const outcome result = launch({"--on-close=release", "--hardened"}, {"touch"});
  EXPECT_EQ(result.signal, SIGSEGV) << describe(result);
  EXPECT_TRUE(std::regex_match(
      result.errors,
      std::regex("connarena: use of 0x[0-9a-f]+, which was released with its connection\n")))
      << result.errors;
}

TEST(release, ends_a_program_that_reallocates_what_was_released_with_a_word) {
  const outcome result = launch({"--on-close=release"}, {"realloc"});
  EXPECT_EQ(result.signal, SIGABRT) << describe(result);
  EXPECT_TRUE(std::regex_match(
      result.errors,
      std::regex("connarena: use of 0x[0-9a-f]+, which was released with its connection\n")))
      << result.errors;
}

TEST(release, without_addresses_left_drains_and_says_so_once) {
  const outcome result = harness::run(
      {{"/bin/sh", "-c",
        "ulimit -v 500000 && exec " LAUNCHER
        " run --on-close=release --report=stderr " LEAKING_PROGRAM " free-late 3000"}});
  EXPECT_EQ(result.exit_code, 0) << describe(result);
  const std::regex message("connarena: no addresses are left to retire");
  const std::sregex_iterator first(result.errors.begin(), result.errors.end(), message);
  EXPECT_EQ(std::distance(first, std::sregex_iterator()), 1) << result.errors;
  EXPECT_GT(figure(result.errors, "late frees, ignored"), 0u) << result.errors;
  EXPECT_LT(figure(result.errors, "late frees, ignored"), 3 * 3000u - 1) << result.errors;
}

/// Three blocks of each of 50 connections, by one call in one place.
TEST(report, shows_where_survivors_were_allocated) {
  for (const char* option : {"--on-close=release", "--small=on"}) {
    const programs::scratch_folder folder;
    const std::string file = folder.file("report");
    const outcome result = launch({option, "--report=" + file}, {"free-late", "50"});
    EXPECT_EQ(result.exit_code, 0) << describe(result);
    const outcome shown = harness::run({{LAUNCHER, "report", file}});
    EXPECT_TRUE(std::regex_search(
        shown.output,
        std::regex("allocated in\n +150 +[0-9.]+ MiB +50  leaking_program .*\\+0x[0-9a-f]+\n")))
        << shown.output;
    EXPECT_EQ(figure(shown.output, "connections with any"), 50u) << shown.output;
  }
}

TEST(report, has_no_table_where_nothing_survives) {
  const programs::scratch_folder folder;
  const std::string file = folder.file("report");
  const outcome result = harness::run({{LAUNCHER, "run", "--report=" + file, "/bin/true"}});
  EXPECT_TRUE(result.succeeded()) << describe(result);
  const outcome shown = harness::run({{LAUNCHER, "report", file}});
  EXPECT_EQ(shown.output.find("call site"), std::string::npos) << shown.output;
}

}  // namespace
