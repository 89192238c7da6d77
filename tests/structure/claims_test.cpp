// What the README says to expect: each row with the page that has its figures, and the command
// that makes or checks them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = SOURCE_FOLDER;

struct claim {
  std::string row;
  std::string figures;
  std::string by;
};

/// The rows of the table below that heading, without its own two.
std::vector<claim> claims() {
  std::ifstream readme(root / "README.md");
  std::vector<claim> found;
  bool is_there = false;
  const std::regex cells(R"(\| (.*) \| (.*) \| (.*) \|)");
  for (std::string line; std::getline(readme, line);) {
    if (line.rfind("## ", 0) == 0) is_there = line == "## What to expect";
    std::smatch parts;
    if (!is_there || !std::regex_match(line, parts, cells) || parts[2] == "figures") continue;
    found.push_back({line, parts[2], parts[3]});
  }
  return found;
}

std::vector<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex searched(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator each(text.begin(), text.end(), searched), end; each != end; ++each) {
    found.push_back((*each)[1]);
  }
  return found;
}

/// The pages without what follows a #.
std::vector<std::string> pages_of(const claim& row) {
  return matches(row.figures, R"(\]\(([^)#]*)[^)]*\))");
}

std::string text_of(const std::string& page) {
  std::ifstream file(root / page);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_named_by(const std::string& page, const std::string& program) {
  return text_of(page).find(program) != std::string::npos;
}

bool has_tests_named(const std::string& word) {
  for (const auto& each : fs::recursive_directory_iterator(root / "tests")) {
    if (each.path().filename().string().find(word) != std::string::npos) return true;
  }
  return false;
}

TEST(claims, of_the_readme_have_a_page_of_figures_and_a_command_each) {
  for (const claim& each : claims()) {
    EXPECT_FALSE(pages_of(each).empty()) << each.row;
    EXPECT_FALSE(matches(each.by, "`(\\./[^`]*)`").empty()) << each.row;
  }
  EXPECT_GT(claims().size(), 10u);
}

TEST(claims, of_the_readme_name_commands_that_are_there) {
  for (const claim& each : claims()) {
    for (const std::string& program : matches(each.by, "`\\./([^ `]*)")) {
      EXPECT_EQ(::access((root / program).c_str(), X_OK), 0) << each.row;
    }
    for (const std::string& tests : matches(each.by, "tests/run -R ([^ `]*)")) {
      EXPECT_TRUE(has_tests_named(tests)) << each.row;
    }
  }
}

TEST(claims, of_the_readme_are_on_pages_that_say_what_wrote_them) {
  for (const claim& each : claims()) {
    for (const std::string& program : matches(each.by, "`\\./(bench/[^ `]*)")) {
      bool is_named = false;
      for (const std::string& page : pages_of(each)) {
        is_named = is_named || is_named_by(page, program);
      }
      EXPECT_TRUE(is_named) << program << ": " << each.row;
    }
  }
}

TEST(claims, of_the_readme_on_sessions_are_what_their_page_says) {
  // The README groups the digits.
  const std::string readme = std::regex_replace(text_of("README.md"), std::regex(",(\\d)"), "$1");
  const auto rows = matches(text_of("docs/sessions.md"), R"((\| [^|\n]+ (\| [\d.]+ ){4}\|))");
  EXPECT_GT(rows.size(), 4u);
  for (const std::string& row : rows) EXPECT_NE(readme.find(row), std::string::npos) << row;
}

}  // namespace
