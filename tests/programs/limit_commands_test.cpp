// `connarena limit` and `connarena disconnect` on a program that runs.
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <regex>
#include <vector>

#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

harness::outcome launcher(std::vector<std::string> words) {
  words.insert(words.begin(), LAUNCHER);
  return harness::run({words});
}

void expect_refusal(const std::vector<std::string>& words, const std::string& line) {
  const harness::outcome result = launcher(words);
  EXPECT_EQ(result.exit_code, 125) << harness::describe(result);
  EXPECT_NE(result.errors.find(line), std::string::npos) << result.errors;
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
}

/// A program with a large and a small connection, which ends when the large one goes.
class running_program : public ::testing::Test {
 protected:
  running_program()
      : process_({{LAUNCHER, "run", LIMITS_PROGRAM, "waits_until_one_is_disconnected"}},
                 folder_.file("log")) {}

  [[nodiscard]] std::string pid() const { return std::to_string(process_.pid()); }
  /// As its figures have it; empty: there is none yet.
  [[nodiscard]] std::string largest() const {
    const harness::outcome seen = launcher({"stats", "--json", pid()});
    // Both ends of each are the program's; the server's holds the memory.
    static const std::regex entry(R"re("id": "([0-9.]+)"[^{}]*"footprint_bytes": ([0-9]+))re");
    for (std::sregex_iterator at(seen.output.begin(), seen.output.end(), entry), end; at != end;
         ++at) {
      if (std::stoul((*at)[2]) > (1u << 20)) return (*at)[1];
    }
    return {};
  }
  /// The program has ended as it does when the large one has gone.
  void expect_end(const std::string& line) {
    EXPECT_TRUE(harness::wait_until([&] { return !process_.is_running(); })) << process_.log();
    const harness::outcome ended = process_.stop();
    EXPECT_EQ(ended.exit_code, 0) << process_.log();
    EXPECT_NE(process_.log().find(line), std::string::npos) << process_.log();
  }

  programs::scratch_folder folder_;
  harness::background_process process_;
};

TEST_F(running_program, gets_a_limit_and_disconnects_who_is_above_it) {
  ASSERT_TRUE(harness::wait_until([&] { return !largest().empty(); })) << process_.log();
  const harness::outcome high = launcher({"limit", pid(), "--limit=1G", "--budget=2G"});
  EXPECT_EQ(high.exit_code, 0) << harness::describe(high);
  EXPECT_TRUE(process_.is_running());
  const harness::outcome low = launcher({"limit", pid(), "--limit=1M"});
  EXPECT_EQ(low.exit_code, 0) << harness::describe(low);
  expect_end(": the limit is 1.0 MiB\n");
}

TEST_F(running_program, gets_a_budget_and_disconnects_the_largest) {
  ASSERT_TRUE(harness::wait_until([&] { return !largest().empty(); })) << process_.log();
  const harness::outcome result = launcher({"limit", pid(), "--budget=1M"});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  expect_end(": the budget is 1.0 MiB\n");
}

TEST_F(running_program, disconnects_whom_it_is_told_to) {
  ASSERT_TRUE(harness::wait_until([&] { return !largest().empty(); })) << process_.log();
  expect_refusal({"disconnect", pid(), "90000.1"}, "has no such connection");
  const harness::outcome result = launcher({"disconnect", pid(), largest()});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  expect_end(", on request\n");
}

TEST_F(running_program, is_asked_by_several_one_after_the_other) {
  ASSERT_TRUE(harness::wait_until([&] { return !largest().empty(); })) << process_.log();
  std::vector<std::unique_ptr<harness::background_process>> asking;
  for (int i = 0; i < 5; ++i) {
    asking.push_back(std::make_unique<harness::background_process>(
        harness::command{{LAUNCHER, "limit", pid(), "--limit=" + std::to_string(i + 10) + "M"}},
        folder_.file("asking" + std::to_string(i))));
  }
  for (const auto& each : asking) {
    EXPECT_TRUE(harness::wait_until([&] { return !each->is_running(); }));
    EXPECT_EQ(each->stop().exit_code, 0) << each->log();
  }
  EXPECT_EQ(launcher({"disconnect", pid(), largest()}).exit_code, 0);
  expect_end(", on request\n");
}

class sleeping_program : public ::testing::TestWithParam<const char*> {};

TEST_P(sleeping_program, disconnects_whom_it_is_told_to) {
  const programs::scratch_folder folder;
  harness::background_process process({{LAUNCHER, "run", LIMITS_PROGRAM, GetParam()}},
                                      folder.file("log"));
  const std::string pid = std::to_string(process.pid());
  std::smatch id;
  std::string seen;
  ASSERT_TRUE(harness::wait_until([&] {
    seen = launcher({"stats", "--json", pid}).output;
    return std::regex_search(seen, id, std::regex(R"re("id": "([0-9.]+)")re"));
  })) << process.log();
  const std::string first = id[1];
  // Who has answered once sleeps on.
  ASSERT_EQ(launcher({"limit", pid, "--limit=1G"}).exit_code, 0) << process.log();
  const harness::outcome result = launcher({"disconnect", pid, first});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result) << process.log();
}

INSTANTIATE_TEST_SUITE_P(each, sleeping_program,
                         ::testing::Values("sleeps_in_poll", "sleeps_in_select", "sleeps_in_epoll"),
                         [](const auto& each) { return std::string(each.param); });

TEST(limit_commands, refuse_with_a_line_what_they_cannot_do) {
  expect_refusal({"limit", "999999999", "--limit=1M"}, "there is no process 999999999");
  expect_refusal({"disconnect", "999999999", "1.1"}, "there is no process 999999999");
  expect_refusal({"limit", "me", "--limit=1M"}, "me is no process number");
  expect_refusal({"limit", std::to_string(::getpid()), "--limit=1M"}, "has no live figures");
  expect_refusal({"limit", "1"}, "it takes --limit, --over-limit or --budget");
  expect_refusal({"limit", "1", "--limit=much"}, "much is no size");
  expect_refusal({"limit", "1", "--over-limit=explode"}, "explode is not possible");
  expect_refusal({"limit", "--limit=1M"}, "required");
  for (const char* id : {"1", "1.", ".1", "0.1", "1.0", "a.b", "1.1.1", "99999999999.1"}) {
    expect_refusal({"disconnect", "1", id}, std::string(id) + " is no connection's id");
  }
}

}  // namespace
