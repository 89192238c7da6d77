// The commands of the documentation's pages, run as they stand against the installation.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>

#include "install/blocks.hpp"
#include "install/installation.hpp"
#include "programs/loopback.hpp"

namespace {

namespace fs = std::filesystem;
using harness::describe;
using harness::outcome;

struct page {
  const char* name;
  bool needs_shim;
};

std::string file_of(const page& of) { return std::string("docs/") + of.name + ".md"; }

class page_of : public ::testing::TestWithParam<page> {};

TEST_P(page_of, commands_that_succeed_one_after_the_other) {
  if (GetParam().needs_shim && !HAS_SHIM) GTEST_SKIP() << "built without the shim";
  for (const char* each : {"curl", "python3", "pkg-config", "c++"}) {
    if (harness::find_program(each).empty()) GTEST_SKIP() << each << " is not installed";
  }
  std::string script = install::text_of(file_of(GetParam()), "sh");
  ASSERT_NE(script, "");
  script = std::regex_replace(script, std::regex("DIR"), install::prefix().string());
  script = std::regex_replace(script, std::regex("8017"), std::to_string(programs::free_port()));
  script = std::regex_replace(script, std::regex("docs/examples"), SOURCE_FOLDER "/docs/examples");
  const fs::path folder = install::fresh_folder(fs::path(GetParam().name).filename());
  // Whatever fails, nothing that it started stays.
  const std::string start = "trap 'kill ${server-} 2>/dev/null || true' EXIT\n";
  const outcome result =
      harness::run({{"/bin/bash", "-euo", "pipefail", "-c", start + script}, {}, "", folder},
                   install::build_patience);
  EXPECT_TRUE(result.succeeded()) << describe(result);
}

constexpr page pages[] = {{"start/unmodified", true},
                          {"start/linked", false},
                          {"how-to/is-it-active", true},
                          {"how-to/sanitizers", false},
                          {"examples/README", false}};

INSTANTIATE_TEST_SUITE_P(docs, page_of, ::testing::ValuesIn(pages), [](const auto& each) {
  return std::regex_replace(std::string(each.param.name), std::regex("[^A-Za-z]"), "_");
});

TEST(commands, fenced_as_such_are_on_a_page_that_is_run) {
  std::set<std::string> run{"README.md"};
  for (const page& each : pages) run.insert(file_of(each));
  for (const std::string& each : install::documented_pages()) {
    EXPECT_EQ(!install::text_of(each, "sh").empty(), run.count(each) != 0) << each;
  }
}

/// The indented lines of a file that begin so.
std::string lines_with(const std::string& file, const std::string& start) {
  std::ifstream text(fs::path(SOURCE_FOLDER) / file);
  std::string found;
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("    " + start, 0) == 0) found += line + "\n";
  }
  return found;
}

TEST(page_on_how_to_get_it, begins_with_what_the_readme_says) {
  for (const char* start : {"apt-get install", "cmake --preset", "cmake --install"}) {
    const std::string here = lines_with("docs/start/get.md", start);
    const std::string there = lines_with("README.md", start);
    EXPECT_NE(there, "") << start;
    EXPECT_EQ(here.substr(0, there.size()), there);
  }
}

}  // namespace
