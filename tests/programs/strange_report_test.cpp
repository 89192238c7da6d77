// A report can be anybody's, and so can the names and files in it.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "harness/child_process.hpp"
#include "programs/loopback.hpp"

namespace {

namespace fs = std::filesystem;
using harness::describe;
using harness::outcome;

/// A report of a program of this name whose connections leave something.
std::string make_report(const programs::scratch_folder& folder, const std::string& program) {
  fs::copy_file(LEAKING_PROGRAM, folder.file(program));
  const std::string report = folder.file("report");
  const outcome result = harness::run({{LAUNCHER, "run", "--on-close=release", "--report=" + report,
                                        folder.file(program), "free-late", "50"}});
  EXPECT_TRUE(result.succeeded()) << describe(result);
  return report;
}

TEST(strange_report, names_a_pipe_as_a_file_of_symbols_and_nobody_waits_for_it) {
  const programs::scratch_folder folder;
  const std::string report = make_report(folder, "program");
  ASSERT_TRUE(fs::remove(folder.file("program")));
  ASSERT_EQ(::mkfifo(folder.file("program").c_str(), 0600), 0);
  const outcome shown = harness::run({{LAUNCHER, "report", report}});
  EXPECT_TRUE(shown.succeeded()) << describe(shown);
  EXPECT_NE(shown.output.find("program 0x"), std::string::npos) << shown.output;
}

TEST(strange_report, names_a_device_as_a_file_of_symbols_and_nobody_reads_it) {
  const programs::scratch_folder folder;
  const std::string report = make_report(folder, "program");
  ASSERT_TRUE(fs::remove(folder.file("program")));
  fs::create_symlink("/dev/zero", folder.file("program"));
  EXPECT_TRUE(harness::run({{LAUNCHER, "report", report}}).succeeded());
}

TEST(strange_report, of_a_link_names_call_sites_as_the_program_was_started) {
  const programs::scratch_folder folder;
  fs::create_symlink(LEAKING_PROGRAM, folder.file("other-name"));
  const std::string report = folder.file("report");
  EXPECT_TRUE(harness::run({{LAUNCHER, "run", "--on-close=release", "--report=" + report,
                             folder.file("other-name"), "free-late", "50"}})
                  .succeeded());
  const outcome shown = harness::run({{LAUNCHER, "report", report}});
  EXPECT_EQ(shown.output.find("leaking_program "), std::string::npos) << shown.output;
  EXPECT_NE(shown.output.find("  other-name "), std::string::npos) << shown.output;
}

TEST(strange_report, of_a_program_with_control_characters_in_its_name_shows_none) {
  const programs::scratch_folder folder;
  const std::string report = make_report(folder, "\x1b[31m\npro");
  const outcome shown = harness::run({{LAUNCHER, "report", report}});
  EXPECT_EQ(shown.output.find('\x1b'), std::string::npos) << shown.output;
  EXPECT_NE(shown.output.find("connarena: \\x1b[31m\\x0apro,"), std::string::npos) << shown.output;
  EXPECT_NE(shown.output.find("  \\x1b[31m\\x0apro "), std::string::npos) << shown.output;
}

}  // namespace
