// The README's examples are extracted, built against the installation and run.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <regex>

#include "install/blocks.hpp"
#include "install/installation.hpp"
#include "programs/loopback.hpp"

namespace {

namespace fs = std::filesystem;
using harness::describe;
using harness::outcome;

constexpr std::ptrdiff_t most_lines = 15;

/// The first block fenced as ```language; empty if there is none.
std::string example(const std::string& language) {
  for (const install::block& each : install::blocks_of("README.md")) {
    if (each.language == language) return each.text();
  }
  return {};
}

/// The indented lines from the one that starts so to the end of its block.
std::string commands_from(const std::string& start) {
  std::string commands;
  for (const install::block& each : install::blocks_of("README.md")) {
    for (const std::string& line : each.lines) {
      if (!commands.empty() || line.rfind(start, 0) == 0) commands += line + "\n";
    }
    if (!commands.empty()) break;
  }
  return commands;
}

std::string save(const std::string& name, const std::string& text) {
  const fs::path path = install::fresh_folder("readme") / name;
  std::ofstream(path) << text;
  return path.string();
}

outcome build(const char* compiler, const std::string& source, const std::string& standard) {
  std::vector<std::string> arguments{compiler, "-Wall", "-Wextra", "-Werror",
                                     standard, source,  "-o",      source + ".out"};
  for (const std::string& each : install::pkg_config({"--cflags", "--libs"})) {
    arguments.push_back(each);
  }
  return harness::run({arguments});
}

class readme_example : public ::testing::TestWithParam<const char*> {};

TEST_P(readme_example, is_short) {
  const std::string code = example(GetParam());
  const auto lines = std::count(code.begin(), code.end(), '\n');
  EXPECT_GT(lines, 0);
  EXPECT_LE(lines, most_lines);
}

INSTANTIATE_TEST_SUITE_P(each, readme_example, ::testing::Values("cpp", "c", "sh"),
                         [](const auto& each) { return std::string(each.param); });

TEST(readme, cpp_example_builds_and_runs) {
  const std::string source = save("example.cpp", example("cpp"));
  const outcome built = build(CXX_COMPILER, source, "-std=c++20");
  ASSERT_TRUE(built.succeeded()) << describe(built);
  const outcome result = install::run_with_libraries({source + ".out"});
  EXPECT_TRUE(result.succeeded()) << describe(result);
}

TEST(readme, c_example_builds_and_runs) {
  const std::string source = save("example.c", example("c"));
  const outcome built = build(C_COMPILER, source, "-std=c11");
  ASSERT_TRUE(built.succeeded()) << describe(built);
  const outcome result = install::run_with_libraries({source + ".out"});
  EXPECT_TRUE(result.succeeded()) << describe(result);
}

TEST(readme, commands_build_a_program_that_starts) {
  const std::string commands = commands_from("export PKG_CONFIG_PATH=");
  ASSERT_NE(commands.find("cc example.c"), std::string::npos);
  const std::string source = save("example.c", example("c"));
  const std::string script =
      std::regex_replace(commands, std::regex("DIR"), install::prefix().string()) + "./example\n";
  const outcome result = harness::run(
      {{"/bin/sh", "-eu", "-c", script}, {}, "", fs::path(source).parent_path().string()});
  EXPECT_TRUE(result.succeeded()) << describe(result);
}

TEST(readme, shell_example_runs) {
  if (!HAS_SHIM) GTEST_SKIP() << "built without the shim";
  const std::string path = (install::prefix() / "bin").string() + ":/usr/bin:/bin:/usr/sbin:/sbin";
  const fs::path folder = install::fresh_folder("readme-shell");
  const std::string port = std::to_string(programs::free_port());
  const std::string script = std::regex_replace(example("sh"), std::regex("8017"), port);
  const outcome result =
      harness::run({{"/bin/sh", "-eu", "-c", script}, {"PATH=" + path}, "", folder.string()});
  EXPECT_TRUE(result.succeeded()) << describe(result);
}

}  // namespace
