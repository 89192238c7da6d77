// What connections may hold under the preload library, and what becomes of those that hold
// more.
#include <algorithm>
#include <regex>

#include "programs/preload.hpp"

namespace {

harness::outcome run(const char* name, std::vector<std::string> settings) {
  settings.push_back("LD_PRELOAD=" PRELOAD_LIBRARY);
  return harness::run({{LIMITS_PROGRAM, name}, settings}, std::chrono::seconds(100));
}

/// What is said of a connection that was disconnected.
std::size_t lines_in(const std::string& errors, const std::string& reason) {
  const std::regex line(
      "connarena: disconnected 127\\.0\\.0\\.1:[0-9]+, which held [0-9.]+ "
      "[KM]iB: the " +
      reason + "\n");
  return static_cast<std::size_t>(
      std::distance(std::sregex_iterator(errors.begin(), errors.end(), line), {}));
}

void expect_one_line(const harness::outcome& result, const std::string& reason) {
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  EXPECT_EQ(lines_in(result.errors, reason), 1u) << result.errors;
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
}

void expect_silence(const harness::outcome& result) {
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  EXPECT_EQ(result.errors, "");
}

TEST(connection_limit, is_passed_by_one_that_is_disconnected) {
  expect_one_line(run("above_its_limit_is_disconnected", {"CONNARENA_LIMIT=1M"}),
                  "limit is 1\\.0 MiB");
}

TEST(connection_limit, gives_one_no_more_where_that_is_wanted) {
  expect_silence(
      run("at_its_limit_gets_no_more", {"CONNARENA_LIMIT=1M", "CONNARENA_OVER_LIMIT=fail"}));
}

TEST(connection_limit, counts_runs_that_io_adopts) {
  expect_one_line(run("run_that_is_adopted_counts", {"CONNARENA_LIMIT=1M"}), "limit is 1\\.0 MiB");
}

TEST(connection_limit, counts_small_blocks_where_connections_own_them) {
  expect_one_line(run("small_blocks_count", {"CONNARENA_LIMIT=1M", "CONNARENA_SMALL=on"}),
                  "limit is 1\\.0 MiB");
}

TEST(connection_limit, is_no_affair_of_who_gets_the_number) {
  expect_silence(run("reused_descriptor_stays", {"CONNARENA_LIMIT=1M"}));
}

TEST(connection_limit, finds_a_copy_of_the_descriptor) {
  expect_one_line(run("copy_is_disconnected", {"CONNARENA_LIMIT=1M"}), "limit is 1\\.0 MiB");
}

TEST(connection_limit, holds_in_a_child) {
  expect_one_line(run("child_counts_anew", {"CONNARENA_LIMIT=1M"}), "limit is 1\\.0 MiB");
}

TEST(connection_budget, is_passed_and_the_largest_goes) {
  const harness::outcome result = run("over_the_budget_the_largest_goes", {"CONNARENA_BUDGET=2M"});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  EXPECT_EQ(lines_in(result.errors, "budget is 2\\.0 MiB"), 2u) << result.errors;
}

TEST(connection_budget, takes_none_that_is_exempt) {
  for (const char* exempt : {"127.0.0.0/8", "::1,127.0.0.1", "::ffff:127.0.0.1/128"}) {
    expect_silence(run("exempt_stays", {"CONNARENA_LIMIT=1M", "CONNARENA_BUDGET=1M",
                                        std::string("CONNARENA_EXEMPT=") + exempt}));
  }
}

TEST(connection_limit, that_is_none_is_reported) {
  const harness::outcome result =
      run("exempt_stays", {"CONNARENA_LIMIT=much", "CONNARENA_OVER_LIMIT=explode",
                           "CONNARENA_BUDGET=-1", "CONNARENA_EXEMPT=localhost"});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  for (const char* bad : {"LIMIT=much", "OVER_LIMIT=explode", "BUDGET=-1", "EXEMPT=localhost"}) {
    EXPECT_NE(result.errors.find(std::string("CONNARENA_") + bad + " is ignored"),
              std::string::npos)
        << result.errors;
  }
}

TEST(connection_limit, of_the_launcher_is_the_variables) {
  const harness::outcome result =
      harness::run({{LAUNCHER, "run", "--limit=64K", "--over-limit=fail", "--budget=1G",
                     "--exempt=10.0.0.0/8", "--exempt=::1,fd00::/8", "env"}});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  for (const char* line : {"CONNARENA_LIMIT=64K\n", "CONNARENA_OVER_LIMIT=fail\n",
                           "CONNARENA_BUDGET=1G\n", "CONNARENA_EXEMPT=10.0.0.0/8,::1,fd00::/8\n"}) {
    EXPECT_NE(result.output.find(line), std::string::npos) << line << result.output;
  }
  const harness::outcome once = harness::run({{LAUNCHER, "run", "--exempt=10.0.0.0/8", "env"}});
  EXPECT_NE(once.output.find("CONNARENA_EXEMPT=10.0.0.0/8\n"), std::string::npos)
      << harness::describe(once);
  for (const char* bad : {"--limit=much", "--over-limit=explode", "--budget=x", "--exempt=host"}) {
    const harness::outcome refused = harness::run({{LAUNCHER, "run", bad, "env"}});
    EXPECT_EQ(refused.exit_code, 125) << bad;
    EXPECT_EQ(std::count(refused.errors.begin(), refused.errors.end(), '\n'), 1) << refused.errors;
  }
}

}  // namespace
