// Each command that a page shows is run: those fenced as sh by pages_test.cpp and readme_test.cpp,
// each other one by what this list says.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
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
  const char* start;
  const char* run_by;  ///< a file; or, after "by hand", why no test does
};

constexpr shown_command elsewhere[] = {
    {"CONTRIBUTING.md", "./tests/run", ".ci/run"},
    {"CONTRIBUTING.md", "CONNARENA_SEED=17 ./tests/run", ".ci/run"},
    {"CONTRIBUTING.md", "./.ci/interface", "tests/structure/interface_test.cpp"},
    {"CONTRIBUTING.md", "./.ci/tidy --checks", "by hand: it takes many minutes"},
    {"CONTRIBUTING.md", "./.ci/tidy", ".ci/run"},
    {"CONTRIBUTING.md", "./.ci/packages", "by hand: before a release, and on a public forge"},
    {"CONTRIBUTING.md", "cmake --preset fuzz", "by hand: it fuzzes without an end"},
    {"CONTRIBUTING.md", "mkdir found", "by hand: it fuzzes without an end"},
    {"CONTRIBUTING.md", "build/fuzz/", "by hand: it fuzzes without an end"},
    {"CONTRIBUTING.md", "mkdocs build", "tests/structure/site_test.cpp"},
    {"CONTRIBUTING.md", "(cat .ci/Doxyfile", "tests/structure/site_test.cpp"},
    {"README.md", "apt-get install", "tests/run"},
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
    {"README.md", "export PKG_CONFIG_PATH", "tests/install/readme_test.cpp"},
    {"README.md", "cc example.c", "tests/install/readme_test.cpp"},
    {"docs/hardening.md", "CONNARENA_HARDENED=on ./server", "tests/hardening/hardening_test.cpp"},
    {"docs/hardening.md", "connarena run --hardened", "tests/programs/settings_test.cpp"},
    {"docs/how-to/is-it-active.md", "connarena stats", "tests/programs/live_servers_test.cpp"},
    {"docs/how-to/is-it-active.md", "grep -c libconnarena_preload",
     "tests/programs/launcher_test.cpp"},
    {"docs/how-to/reading.md", "connarena r", "tests/programs/report_test.cpp"},
    {"docs/how-to/services.md", "systemctl", "by hand: it asks a systemd that runs"},
    {"docs/how-to/services.md", "connarena stats", "tests/programs/live_servers_test.cpp"},
    {"docs/index.md", "./bench/demo --quick", "by hand: it measures for minutes"},
    {"docs/index.md", "./tests/run", ".ci/run"},
    {"docs/limits.md", "connarena run", "tests/programs/limits_servers_test.cpp"},
    {"docs/limits.md", "connarena limit", "tests/programs/limit_commands_test.cpp"},
    {"docs/limits.md", "connarena disconnect", "tests/programs/limit_commands_test.cpp"},
    {"docs/live.md", "connarena top", "tests/programs/top_test.cpp"},
    {"docs/live.md", "connarena stats", "tests/programs/live_test.cpp"},
    {"docs/live.md", "connarena record", "tests/programs/record_test.cpp"},
    {"docs/live.md", "connarena report", "tests/programs/record_test.cpp"},
    {"docs/live.md", "connarena export", "tests/programs/export_test.cpp"},
    {"docs/shim.md", "connarena ", "tests/programs/command_line_test.cpp"},
    {"docs/start/get.md", "apt-get install ./", ".ci/packages"},
    {"docs/start/get.md", "apt-get install", "tests/run"},
    {"docs/start/get.md", "cmake --preset release", "tests/run"},
    {"docs/start/get.md", "cmake --install", "tests/install/installation.cpp"},
    {"docs/start/get.md", "cmake --preset package", ".ci/packages"},
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
  return each.page == page && line.rfind(each.start, 0) == 0;
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
    EXPECT_TRUE(is_by_hand || fs::exists(fs::path(SOURCE_FOLDER) / each.run_by)) << each.run_by;
  }
}

}  // namespace
