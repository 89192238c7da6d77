// The report of a program that is several processes: workers, daemons, scripts.
#include <filesystem>
#include <fstream>

#include "programs/loopback.hpp"
#include "programs/shown_report.hpp"

namespace {

namespace fs = std::filesystem;
using harness::describe;
using harness::outcome;
using programs::contains;
using programs::figure;
using programs::scratch_folder;
using programs::shown;

/// The report of a program that ends well.
std::string report_of(const scratch_folder& folder, const std::vector<std::string>& program) {
  const std::string file = folder.file("report");
  const outcome result = harness::run({programs::with_report("--report=" + file, program)});
  EXPECT_EQ(result.exit_code, 0) << describe(result);
  return shown(file);
}

TEST(family_report, adds_up_workers_and_lists_them) {
  const scratch_folder folder;
  const std::string report = report_of(folder, {FAMILY_PROGRAM, "workers"});
  EXPECT_EQ(figure(report, "connections opened"), 40) << report;
  EXPECT_EQ(figure(report, "connections closed"), 40) << report;
  EXPECT_TRUE(contains(report, "family_program, 2 processes (0 running, 2 ended, 0 killed)"))
      << report;
  const std::regex row("\n +[0-9]+ +ended +20 +20 +[0-9.]+ [KM]iB");
  EXPECT_EQ(std::distance(std::sregex_iterator(report.begin(), report.end(), row), {}), 2)
      << report;
  const std::string each = shown(folder.file("report"), {"--each"});
  EXPECT_TRUE(contains(each, "family_program, process ")) << each;
  EXPECT_EQ(figure(each, "connections opened"), 20) << each;
}

TEST(family_report, on_stderr_has_the_workers_in_the_parents) {
  const outcome result =
      harness::run({programs::with_report("--report", {FAMILY_PROGRAM, "workers"})});
  EXPECT_EQ(figure(result.errors, "connections opened"), 40) << describe(result);
  EXPECT_EQ(result.errors.find("connarena: "), result.errors.rfind("connarena: "));
}

TEST(family_report, counts_a_connection_once_that_parent_and_child_close) {
  const scratch_folder folder;
  const std::string report = report_of(folder, {FAMILY_PROGRAM, "serves_in_child"});
  EXPECT_EQ(figure(report, "connections opened"), 20) << report;
  EXPECT_EQ(figure(report, "connections closed"), 20) << report;
}

TEST(family_report, keeps_the_sum_of_more_processes_than_it_has_room_for) {
  const scratch_folder folder;
  const std::string report = report_of(folder, {FAMILY_PROGRAM, "generations", "600"});
  EXPECT_EQ(figure(report, "connections opened"), 1200) << report;
  EXPECT_EQ(figure(report, "connections closed"), 1200) << report;
  EXPECT_TRUE(contains(report, "600 processes")) << report;
  EXPECT_LT(fs::file_size(folder.file("report")), 200000u);
}

TEST(family_report, of_a_program_that_overwrites_its_environment_is_under_its_name) {
  const scratch_folder folder;
  const std::string report = report_of(folder, {FAMILY_PROGRAM, "overwrites_environment"});
  EXPECT_EQ(figure(report, "connections opened"), 6) << report;
}

TEST(family_report, of_a_parent_has_what_its_vfork_child_did) {
  const scratch_folder folder;
  const std::string report = report_of(folder, {FAMILY_PROGRAM, "vforks"});
  EXPECT_EQ(figure(report, "connections opened"), 2) << report;
  EXPECT_TRUE(contains(report, "ended after")) << report;
}

TEST(family_report, of_a_daemon_that_gave_up_descriptors_root_and_rights_is_the_daemons) {
  const scratch_folder folder;
  const scratch_folder root;
  const std::string file = folder.file("report");
  const outcome started =
      harness::run({programs::with_report("--report=" + file, {DAEMON_PROGRAM, root.file("")})});
  EXPECT_EQ(started.exit_code, 0) << describe(started);
  ASSERT_TRUE(harness::wait_until([&] { return fs::exists(root.file("result")); }));
  EXPECT_TRUE(harness::wait_until([&] { return contains(shown(file), "ended after"); }));
  const std::string report = shown(file);
  EXPECT_EQ(figure(report, "connections opened"), 200) << report;
  EXPECT_EQ(figure(report, "connections closed"), 200) << report;
}

TEST(family_report, of_a_daemon_says_that_it_runs) {
  const scratch_folder folder;
  const std::string file = folder.file("report");
  const std::string pipe = folder.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(report_of(folder, {FAMILY_PROGRAM, "daemon_serves_pipe", pipe}).find("ended after"),
            std::string::npos);
  EXPECT_TRUE(contains(shown(file), "running for")) << shown(file);
  std::ofstream(pipe) << "xq" << std::flush;
  EXPECT_TRUE(harness::wait_until([&] { return contains(shown(file), "ended after"); }));
  EXPECT_EQ(figure(shown(file), "connections opened"), 2) << shown(file);
}

TEST(family_report, of_a_script_has_the_programs_it_ran) {
  const scratch_folder folder;
  const std::string report =
      report_of(folder, {"/bin/sh", "-c", FAMILY_PROGRAM " pairs 3; (" FAMILY_PROGRAM " workers)"});
  EXPECT_EQ(figure(report, "connections opened"), 46) << report;
  EXPECT_TRUE(contains(report, "3 processes")) << report;
}

TEST(family_report, of_a_script_takes_a_bounded_number_of_files) {
  const scratch_folder folder;
  const std::string report =
      report_of(folder, {"/bin/sh", "-c",
                         "i=0; while [ $i -lt 120 ]; do i=$((i+1)); " FAMILY_PROGRAM
                         " pairs 1 || exit 1; done"});
  EXPECT_EQ(figure(report, "connections opened"), 240) << report;
  EXPECT_LE(std::distance(fs::directory_iterator(folder.file("")), {}), 101);
}

TEST(family_report, leaves_out_what_another_run_left) {
  const scratch_folder folder;
  const std::string three = FAMILY_PROGRAM " pairs 3; true";
  EXPECT_EQ(figure(report_of(folder, {"/bin/sh", "-c", three}), "connections opened"), 6);
  EXPECT_EQ(figure(report_of(folder, {"/bin/sh", "-c", three}), "connections opened"), 6);
  EXPECT_EQ(figure(report_of(folder, {"/bin/sh", "-c", "exit 0"}), "connections opened"), 0);
}

TEST(family_report, shows_the_names_of_arenas) {
  const scratch_folder folder;
  const std::string report = report_of(folder, {FAMILY_PROGRAM, "names_arenas"});
  const std::regex row("\n +3 +2 +3\\.[0-9] MiB +3\\.0 MiB  session \\\\x1b\\[31m\n");
  EXPECT_TRUE(std::regex_search(report, row)) << report;
}

TEST(family_report, of_a_link_names_the_program_as_it_was_started) {
  const scratch_folder folder;
  fs::create_symlink(FAMILY_PROGRAM, folder.file("other-name"));
  const std::string report = report_of(folder, {folder.file("other-name"), "pairs", "1"});
  EXPECT_TRUE(contains(report, "connarena: other-name,")) << report;
}

}  // namespace
