// The hook of .ci/pre-commit looks at what is about to be committed.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "harness/child_process.hpp"

namespace {

using harness::outcome;

class pre_commit : public testing::Test {
 protected:
  void SetUp() override {
    if (harness::find_program("clang-format").empty() || harness::find_program("git").empty())
      GTEST_SKIP() << "no clang-format, or no git";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    std::filesystem::copy_file(SOURCE_FOLDER "/.clang-format", folder_ + "/.clang-format");
    ASSERT_TRUE(run({"git", "init", "--quiet"}).succeeded());
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }
  outcome run(std::vector<std::string> words) {
    return harness::run({std::move(words), {}, {}, folder_});
  }
  outcome hook() { return run({SOURCE_FOLDER "/.ci/pre-commit"}); }

 private:
  std::string folder_ = testing::TempDir() + "pre_commit_XXXXXX";
};

TEST_F(pre_commit, lets_pass_what_is_formatted) {
  write("two words.cpp", "int one() { return 1; }\n");
  ASSERT_TRUE(run({"git", "add", "."}).succeeded());
  EXPECT_TRUE(hook().succeeded());
}

TEST_F(pre_commit, names_the_staged_file_that_is_not_formatted) {
  write("two words.cpp", "int one(){return 1;}\n");
  ASSERT_TRUE(run({"git", "add", "."}).succeeded());
  // Mended, but not staged.
  write("two words.cpp", "int one() { return 1; }\n");
  const outcome refused = hook();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.errors.find("two words.cpp"), std::string::npos) << refused.errors;
}

TEST_F(pre_commit, has_no_say_in_what_is_not_staged) {
  write("one.cpp", "int one(){return 1;}\n");
  EXPECT_TRUE(hook().succeeded());
}

}  // namespace
