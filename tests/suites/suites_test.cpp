// Other projects' tests and programs give the same results under connarena.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "harness/child_process.hpp"
#include "programs/loopback.hpp"
#include "suites/suite_list.hpp"

namespace {

namespace fs = std::filesystem;
using harness::outcome;
using suites::suite;

constexpr std::chrono::seconds limit{1000};

/// A folder that any user may enter, with the launcher beside its library: a suite
/// may run as another user than the one who built them.
class open_folder {
 public:
  open_folder() {
    fs::permissions(folder_.file(""), fs::perms(0755));
    for (const char* built : {LAUNCHER, PRELOAD_LIBRARY}) {
      fs::copy(built, folder_.file(fs::path(built).filename()));
    }
  }
  [[nodiscard]] std::string launcher() const { return folder_.file(fs::path(LAUNCHER).filename()); }
  /// The same name every time: some programs put it into their results.
  [[nodiscard]] std::string empty_folder() const {
    fs::remove_all(folder_.file("work"));
    fs::create_directory(folder_.file("work"));
    return folder_.file("work");
  }

 private:
  programs::scratch_folder folder_;
};

/// How a suite is started: alone where there is nothing to put before it.
using start = std::vector<std::string>;

outcome run(const open_folder& folder, const suite& tested, start before) {
  const std::string work = folder.empty_folder();
  before.insert(before.end(), tested.command.begin(), tested.command.end());
  return harness::run({before,
                       {"TMPDIR=" + work, "PORT=" + std::to_string(programs::free_port()),
                        "LC_ALL=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"},
                       "",
                       work},
                      limit);
}

bool is_there(const std::string& needed) {
  return needed.front() == '/' ? fs::exists(needed) : !harness::find_program(needed).empty();
}

/// The lines that only one of two texts has.
std::string difference(const std::string& expected, const std::string& found) {
  std::vector<std::string> lines[2];
  for (int i = 0; i < 2; ++i) {
    std::istringstream text(i == 0 ? expected : found);
    for (std::string line; std::getline(text, line);) lines[i].push_back(line);
    std::sort(lines[i].begin(), lines[i].end());
  }
  std::string all;
  std::vector<std::string> only;
  std::set_difference(lines[0].begin(), lines[0].end(), lines[1].begin(), lines[1].end(),
                      std::back_inserter(only));
  for (const std::string& line : only) all += "  alone:     " + line + "\n";
  only.clear();
  std::set_difference(lines[1].begin(), lines[1].end(), lines[0].begin(), lines[0].end(),
                      std::back_inserter(only));
  for (const std::string& line : only) all += "  connarena: " + line + "\n";
  return all;
}

bool is_same(const outcome& alone, const outcome& under) {
  return under.exit_code == alone.exit_code && under.signal == alone.signal && !under.timed_out &&
         under.output == alone.output &&
         under.errors.find("cannot be preloaded") == std::string::npos;
}

/// What a report says of all processes of a suite, if it has it.
std::string reported(const open_folder& folder, const std::string& report, const char* label) {
  const std::string text = harness::run({{folder.launcher(), "report", report}}).output;
  std::smatch match;
  return std::regex_search(text, match, std::regex(label + std::string(" +(\\d+)")))
             ? match[1].str()
             : text;
}

/// One line for the summary of `tests/run --long`.
void note(const suite& tested, const outcome& alone, const std::string& verdicts) {
  fs::create_directories(FINDINGS);
  const auto results = std::count(alone.output.begin(), alone.output.end(), '\n') - 1;
  std::ofstream(FINDINGS "/" + tested.name)
      << tested.name << "\t" << alone.output.substr(0, alone.output.find('\n')) << "\t" << results
      << verdicts << "\n";
}

class suites_of : public ::testing::TestWithParam<suite> {};

TEST_P(suites_of, other_projects_have_the_same_results) {
  const suite& tested = GetParam();
  for (const std::string& needed : tested.needs) {
    if (!is_there(needed)) GTEST_SKIP() << needed << " is not installed";
  }
  const open_folder folder;
  const outcome alone = run(folder, tested, {});
  ASSERT_TRUE(alone.succeeded()) << harness::describe(alone);
  ASSERT_GT(std::count(alone.output.begin(), alone.output.end(), '\n'), 1) << "no results";
  std::string verdicts;
  for (const std::string small : {"--small=off", "--small=on"}) {
    const std::string report = folder.empty_folder() + "-report" + small;
    const outcome under =
        run(folder, tested, {folder.launcher(), "run", small, "--report=" + report, "--"});
    if (tested.closes_all) {
      EXPECT_EQ(reported(folder, report, "connections closed"),
                reported(folder, report, "connections opened"));
    }
    EXPECT_TRUE(is_same(alone, under))
        << "connarena run " << small << ":\n"
        << difference(alone.output, under.output) << harness::describe(under);
    verdicts += is_same(alone, under) ? "\tsame" : "\tDIFFERENT";
  }
  note(tested, alone, verdicts);
}

std::string name_of(const ::testing::TestParamInfo<suite>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(short, suites_of, ::testing::ValuesIn(suites::short_suites()), name_of);
INSTANTIATE_TEST_SUITE_P(long, suites_of, ::testing::ValuesIn(suites::long_suites()), name_of);

}  // namespace
