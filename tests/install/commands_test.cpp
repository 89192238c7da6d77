// Each command that a page shows is run: those fenced as sh by pages_test.cpp and readme_test.cpp,
// each other one by what this list says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "install/blocks.hpp"

namespace {

namespace fs = std::filesystem;

/// Words that begin a command rather than a line of a file or of code.
const std::set<std::string> programs = {"apt-get", "cmake",  "conan", "connarena", "cpack",
                                        "cc",      "dnf",    "git",   "grep",      "mkdir",
                                        "mkdocs",  "export", "sudo",  "systemctl", "vcpkg"};

struct shown_command {
  const char* page;
  const char* start;            ///< whole words
  const char* run_by;           ///< a file; or, after "by hand", why no test does
  const char* there = nullptr;  ///< words of that file, where they are not the last of the start
};

constexpr shown_command elsewhere[] = {
    {"CONTRIBUTING.md", "./tests/run", ".ci/run"},
    {"CONTRIBUTING.md", "CONNARENA_SEED=17 ./tests/run", ".ci/run"},
    {"CONTRIBUTING.md", "./.ci/interface", "tests/structure/interface_test.cpp"},
    {"CONTRIBUTING.md", "./.ci/tidy --checks=clang-analyzer-*", "by hand: it takes many minutes"},
    {"CONTRIBUTING.md", "./.ci/tidy", ".ci/run"},
    {"CONTRIBUTING.md", "./.ci/coverage", "by hand: before a release, and on a public forge"},
    {"CONTRIBUTING.md", "./.ci/packages", "by hand: before a release, and on a public forge"},
    {"CONTRIBUTING.md", "cmake --preset fuzz", "by hand: it fuzzes without an end"},
    {"CONTRIBUTING.md", "mkdir found", "by hand: it fuzzes without an end"},
    {"CONTRIBUTING.md", "build/fuzz/tests/fuzz/fuzz_arenas", "by hand: it fuzzes without an end"},
    {"CONTRIBUTING.md", "mkdocs build", "tests/structure/site_test.cpp"},
    {"CONTRIBUTING.md", "(cat .ci/Doxyfile;", "tests/structure/site_test.cpp", ".ci/Doxyfile"},
    {"README.md", "apt-get install", "tests/run", "cmake/install-packages"},
    {"README.md", "cmake --preset release", "tests/run"},
    {"README.md", "cmake --install", "tests/install/installation.cpp"},
    {"README.md", "connarena run nginx", "tests/programs/live_servers_test.cpp"},
    {"README.md", "connarena run redis-server", "tests/programs/live_servers_test.cpp"},
    {"README.md", "connarena stats", "tests/programs/live_servers_test.cpp"},
    {"README.md", "connarena top", "tests/programs/top_test.cpp"},
    {"README.md", "connarena limit", "tests/programs/limit_commands_test.cpp"},
    {"README.md", "connarena disconnect", "tests/programs/limit_commands_test.cpp"},
    {"README.md", "./bench/demo --quick", "by hand: it measures for minutes"},
    {"README.md", "./tests/run", ".ci/run"},
    {"README.md", "export PKG_CONFIG_PATH=DIR/lib/pkgconfig", "tests/install/readme_test.cpp",
     "export PKG_CONFIG_PATH="},
    {"README.md", "cc example.c", "tests/install/readme_test.cpp"},
    {"docs/hardening.md", "CONNARENA_HARDENED=on ./server", "tests/hardening/hardening_test.cpp",
     "CONNARENA_HARDENED=on"},
    {"docs/hardening.md", "connarena run --hardened", "tests/programs/settings_test.cpp"},
    {"docs/how-to/is-it-active.md", "connarena stats", "tests/programs/live_servers_test.cpp"},
    {"docs/how-to/is-it-active.md", "grep -c libconnarena_preload",
     "tests/programs/launcher_test.cpp"},
    {"docs/how-to/reading.md", "connarena run --report=server.report",
     "tests/programs/report_test.cpp", "--report="},
    {"docs/how-to/reading.md", "connarena report", "tests/programs/report_test.cpp"},
    {"docs/how-to/services.md", "systemctl", "by hand: it asks a systemd that runs"},
    {"docs/how-to/services.md", "connarena stats", "tests/programs/live_servers_test.cpp"},
    {"docs/index.md", "./bench/demo --quick", "by hand: it measures for minutes"},
    {"docs/index.md", "./tests/run", ".ci/run"},
    {"docs/limits.md", "connarena run", "tests/programs/limits_test.cpp"},
    {"docs/limits.md", "connarena limit", "tests/programs/limit_commands_test.cpp"},
    {"docs/limits.md", "connarena disconnect", "tests/programs/limit_commands_test.cpp"},
    {"docs/live.md", "connarena top", "tests/programs/top_test.cpp"},
    {"docs/live.md", "connarena stats", "tests/programs/live_test.cpp"},
    {"docs/live.md", "connarena record", "tests/programs/record_test.cpp"},
    {"docs/live.md", "connarena report", "tests/programs/record_test.cpp"},
    {"docs/live.md", "connarena export", "tests/programs/export_test.cpp"},
    {"docs/shim.md", "connarena run", "tests/programs/launcher_test.cpp"},
    {"docs/shim.md", "connarena report", "tests/programs/report_test.cpp"},
    {"docs/shim.md", "connarena stats", "tests/programs/live_test.cpp"},
    {"docs/shim.md", "connarena top", "tests/programs/top_test.cpp"},
    {"docs/shim.md", "connarena limit", "tests/programs/limit_commands_test.cpp"},
    {"docs/shim.md", "connarena disconnect", "tests/programs/limit_commands_test.cpp"},
    {"docs/shim.md", "connarena export", "tests/programs/export_test.cpp"},
    {"docs/shim.md", "connarena record", "tests/programs/record_test.cpp"},
    {"docs/shim.md", "connarena help", "tests/programs/launcher_test.cpp"},
    {"docs/shim.md", "connarena version", "tests/programs/launcher_test.cpp"},
    {"docs/start/get.md", "apt-get install ./build/package/packages/*.deb", ".ci/packages",
     "install /packages/*.deb"},
    {"docs/start/get.md", "apt-get install", "tests/run", "cmake/install-packages"},
    {"docs/start/get.md", "cmake --preset release", "tests/run"},
    {"docs/start/get.md", "cmake --install", "tests/install/installation.cpp"},
    {"docs/start/get.md", "cmake --preset package", ".ci/packages"},
    {"docs/start/get.md", "cmake --preset package-rpm", ".ci/packages"},
    {"docs/start/get.md", "cpack", ".ci/packages"},
    {"docs/start/get.md", "dnf install", "by hand: nobody has, as the page says"},
    {"docs/start/get.md", "vcpkg install", "by hand: as the page says how far"},
    {"docs/start/get.md", "conan create", "by hand: as the page says"},
};

bool is_command(const std::string& line) {
  static const std::regex words(R"(^(?:[A-Z_]+=\S* )*(\(?[^ ]+).*)");
  std::smatch found;
  if (!std::regex_match(line, found, words)) return false;
  const std::string first = found[1];
  return programs.count(first) != 0 || first.rfind("./", 0) == 0 || first.rfind("build/", 0) == 0 ||
         first.rfind("(cat", 0) == 0;
}

bool is_of(const shown_command& each, const std::string& page, const std::string& line) {
  const std::string start = each.start;
  return each.page == page && (line + " ").rfind(start + " ", 0) == 0;
}

bool is_part_of_word(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-';
}

/// Not as a part of longer words.
bool has_words(const std::string& text, const std::string& words) {
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
    const auto end = at + words.size();
    const bool goes_on = is_part_of_word(words.back()) && is_part_of_word(text[end]);
    if (!goes_on && (at == 0 || !is_part_of_word(text[at - 1]))) return true;
  }
  return false;
}

/// Looks for what only the command has, which is its last word as a rule.
bool is_run_there(const shown_command& each) {
  std::ifstream file(fs::path(SOURCE_FOLDER) / each.run_by);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (each.there != nullptr) return has_words(text, each.there);
  const std::string start = each.start;
  const std::string last = start.substr(start.rfind(' ') + 1);
  return has_words(text, last.rfind("./", 0) == 0 ? last.substr(2) : last);
}

TEST(commands, of_the_pages_are_run_by_a_test_or_said_why_not) {
  for (const std::string& page : install::documented_pages()) {
    for (const install::block& block : install::blocks_of(page)) {
      if (!block.language.empty()) continue;
      for (const std::string& line : block.lines) {
        const bool is_listed =
            std::any_of(std::begin(elsewhere), std::end(elsewhere),
                        [&](const shown_command& each) { return is_of(each, page, line); });
        EXPECT_TRUE(is_listed || !is_command(line)) << page << ": " << line;
      }
    }
  }
}

TEST(commands, that_are_listed_are_shown_and_run_by_what_is_there) {
  for (const shown_command& each : elsewhere) {
    bool is_shown = false;
    for (const install::block& block : install::blocks_of(each.page)) {
      for (const std::string& line : block.lines) {
        is_shown = is_shown || (block.language.empty() && is_of(each, each.page, line));
      }
    }
    EXPECT_TRUE(is_shown) << each.page << ": " << each.start;
    const bool is_by_hand = std::string(each.run_by).rfind("by hand: ", 0) == 0;
    EXPECT_TRUE(is_by_hand || is_run_there(each)) << each.run_by << ": " << each.start;
  }
}

}  // namespace
