// Counts of instructions are compared with the last ones by the same tools.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "harness/child_process.hpp"

namespace {

using harness::outcome;

constexpr int worse = 1;
constexpr int not_compared = 3;

class history : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(folder_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Of ten operations, of which the harness takes 100 instructions. `other` is not the
  /// project's own.
  outcome run(const std::string& what, int allocate, const std::string& tools = "gcc") {
    std::ofstream(folder_ + "/counts")
        << "allocate|empty|100|0\nallocate|arena|" << 100 + 10 * allocate << "|0\n"
        << "allocate|other|" << 100 + 1000 * allocate << "|0\n";
    return run_on_counts(what, tools);
  }
  outcome run_without_counts(const std::string& what) {
    std::ofstream(folder_ + "/counts") << "allocate|empty|100|0\n";
    return run_on_counts(what, "gcc");
  }

 private:
  outcome run_on_counts(const std::string& what, const std::string& tools) {
    return harness::run({{"python3", HISTORY_SCRIPT, what, folder_ + "/counts", "10", "--slack=5",
                          "--data=" + folder_ + "/data", "--tools=" + tools}});
  }

  std::string folder_ = testing::TempDir() + "history_XXXXXX";
};

TEST_F(history, lets_pass_what_is_within_the_slack) {
  ASSERT_TRUE(run("record", 40).succeeded());
  EXPECT_TRUE(run("check", 42).succeeded());
  EXPECT_TRUE(run("check", 20).succeeded());
}

TEST_F(history, names_what_takes_more_than_the_last_time) {
  ASSERT_TRUE(run("record", 80).succeeded());
  ASSERT_TRUE(run("record", 40).succeeded());
  const outcome checked = run("check", 43);
  EXPECT_EQ(checked.exit_code, worse);
  EXPECT_NE(checked.output.find("arena allocate: 43.0 instructions, recorded were 40.0\n"),
            std::string::npos)
      << checked.output << checked.errors;
  EXPECT_EQ(checked.output.find("other"), std::string::npos) << checked.output;
}

TEST_F(history, names_what_is_counted_no_more) {
  ASSERT_TRUE(run("record", 40).succeeded());
  EXPECT_EQ(run_without_counts("check").exit_code, worse);
}

TEST_F(history, says_that_nothing_is_recorded_by_another_compiler) {
  EXPECT_EQ(run("check", 40).exit_code, not_compared);
  ASSERT_TRUE(run("record", 40).succeeded());
  EXPECT_EQ(run("check", 40, "another").exit_code, not_compared);
}

}  // namespace
