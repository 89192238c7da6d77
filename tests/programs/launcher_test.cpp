// The launcher: what it passes on and what it refuses.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "harness/child_process.hpp"
#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

using harness::describe;
using harness::outcome;

outcome launch(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
  arguments.insert(arguments.begin(), {LAUNCHER, "run"});
  return harness::run({std::move(arguments), std::move(environment)});
}

void expect_refused(const outcome& result, const std::string& word) {
  EXPECT_NE(result.exit_code, 0) << describe(result);
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.output, "") << "the program ran";
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  EXPECT_NE(result.errors.find(word), std::string::npos) << result.errors;
}

TEST(launcher, passes_output_and_exit_status_on) {
  const outcome result = launch({"--", "/bin/sh", "-c", "echo out; echo err >&2; exit 42"});
  EXPECT_EQ(result.exit_code, 42);
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.errors, "err\n");
}

TEST(launcher, passes_a_signal_on) {
  const outcome result = launch({"/bin/sh", "-c", "kill -KILL $$"});
  EXPECT_EQ(result.signal, SIGKILL) << describe(result);
}

TEST(launcher, becomes_the_program) {
  const programs::scratch_folder folder;
  harness::background_process running({{LAUNCHER, "run", "/bin/sh", "-c", "echo $$; sleep 60"}},
                                      folder.file("log"));
  ASSERT_TRUE(harness::wait_until([&] { return running.log().find('\n') != std::string::npos; }));
  EXPECT_EQ(running.log(), std::to_string(running.pid()) + "\n");
}

TEST(launcher, keeps_a_preload_that_is_already_set) {
  const outcome result = launch({"/bin/sh", "-c", "echo $LD_PRELOAD"}, {"LD_PRELOAD=libm.so.6"});
  EXPECT_NE(result.output.find("libconnarena_preload.so"), std::string::npos) << describe(result);
  EXPECT_NE(result.output.find("libm.so.6"), std::string::npos) << describe(result);
}

TEST(launcher, hardens_a_program_that_is_to_be) {
  const outcome by_default = launch({TWO_CONNECTIONS_PROGRAM, "late"});
  EXPECT_EQ(by_default.exit_code, 1) << describe(by_default);
  const outcome hardened = launch({"--hardened", TWO_CONNECTIONS_PROGRAM, "late"});
  EXPECT_EQ(hardened.exit_code, 0) << describe(hardened);
}

TEST(launcher, refuses_a_missing_program) {
  expect_refused(launch({"/nowhere/to/be"}), "/nowhere");
}

TEST(launcher, refuses_a_static_program) {
  expect_refused(launch({"/sbin/ldconfig", "-p"}), "static");
}

TEST(launcher, refuses_a_setuid_program) {
  const programs::scratch_folder folder;
  const std::string program = folder.file("setuid");
  std::ofstream(program) << std::ifstream("/bin/true").rdbuf();
  ASSERT_EQ(::chmod(program.c_str(), 04755), 0);
  expect_refused(launch({program}), "setuid");
}

/// A file that may be run, of these contents.
std::string make_program(const std::string& path, const std::string& contents) {
  std::ofstream(path) << contents;
  EXPECT_EQ(::chmod(path.c_str(), 0755), 0);
  return path;
}

TEST(launcher, refuses_a_program_with_file_capabilities) {
  const programs::scratch_folder folder;
  const std::string program = folder.file("capable");
  std::ofstream(program) << std::ifstream("/bin/true").rdbuf();
  ASSERT_EQ(::chmod(program.c_str(), 0755), 0);
  // As setcap cap_net_raw+ep writes it.
  constexpr unsigned char net_raw[] = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0,
                                       0, 0, 0, 0, 0, 0,    0, 0, 0, 0};
  if (::setxattr(program.c_str(), "security.capability", net_raw, sizeof net_raw, 0) != 0) {
    GTEST_SKIP() << "no file here can carry rights";
  }
  expect_refused(launch({program}), "capabilities");
  const std::string script = make_program(folder.file("script"), "#!" + program + "\n");
  expect_refused(launch({script}), "capabilities");
  expect_refused(launch({make_program(folder.file("env"), "#!/usr/bin/env " + program + "\n")}),
                 "capabilities");
}

TEST(launcher, refuses_scripts_that_name_each_other_or_no_file) {
  const programs::scratch_folder folder;
  const std::string first = folder.file("first");
  const std::string second = make_program(folder.file("second"), "#!" + first + "\n");
  make_program(first, "#!" + second + "\n");
  expect_refused(launch({first}), "interpreter");
  make_program(first, "#!" + first + "\n");
  expect_refused(launch({first}), "interpreter");
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0700), 0);
  make_program(first, "#!" + folder.file("pipe") + "\n");
  expect_refused(launch({first}), "no regular file");
}

TEST(launcher, refuses_to_preload_a_library_that_LD_PRELOAD_cannot_name) {
  for (const char* name : {"with space", "with:colon", "$LIB"}) {
    const programs::scratch_folder folder;
    const std::string place = folder.file(name);
    std::filesystem::create_directory(place);
    std::filesystem::copy(LAUNCHER, place);
    std::filesystem::copy(PRELOAD_LIBRARY, place);
    expect_refused(harness::run({{place + "/connarena", "run", "/bin/echo", "ran"}}), name);
    expect_refused(launch({"--base=" + place + "/libconnarena_preload.so", "echo", "ran"}), name);
  }
}

TEST(launcher, shows_no_control_character_of_a_name) {
  expect_refused(launch({"/no\x1b[31m\nwhere"}), "/no\\x1b[31m\\x0awhere");
  expect_refused(launch({"--on-close=\x1b[31m\n", "echo"}), "\\x1b[31m\\x0a");
}

TEST(launcher, takes_the_word_after_report_for_the_program) {
  const outcome result = launch({"--report", "/bin/echo", "ran"});
  EXPECT_EQ(result.output, "ran\n") << describe(result);
}

TEST(launcher, gives_help_to_who_asks_and_to_who_asks_wrongly) {
  for (const char* word : {"help", "--help", "-h"}) {
    const outcome result = harness::run({{LAUNCHER, word}});
    EXPECT_TRUE(result.succeeded()) << describe(result);
    EXPECT_NE(result.output.find("Usage: connarena"), std::string::npos) << result.output;
  }
  const outcome wrong = harness::run({{LAUNCHER, "frobnicate"}});
  EXPECT_EQ(wrong.exit_code, 125);
  EXPECT_NE(wrong.errors.find("no command frobnicate\n"), std::string::npos) << wrong.errors;
  EXPECT_NE(wrong.errors.find("Usage: connarena"), std::string::npos) << wrong.errors;
  const outcome version = harness::run({{LAUNCHER, "version"}});
  EXPECT_EQ(version.output, harness::run({{LAUNCHER, "--version"}}).output);
  const outcome run = harness::run({{LAUNCHER, "help", "run"}});
  for (const char* word : {"CONNARENA_ON_CLOSE", "CONNARENA_REPORT", "125", "126", "127"}) {
    EXPECT_NE(run.output.find(word), std::string::npos) << run.output;
  }
}

TEST(launcher, has_help_that_fits_a_screen) {
  for (const char* command :
       {"help", "run", "report", "stats", "top", "export", "record", "limit", "disconnect"}) {
    const outcome help = harness::run({{LAUNCHER, command, "--help"}});
    EXPECT_TRUE(help.succeeded()) << describe(help);
    EXPECT_LE(std::count(help.output.begin(), help.output.end(), '\n'), 24) << help.output;
    std::istringstream lines(help.output);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

std::string contents_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(launcher, has_a_manual_and_completion_of_all_its_options) {
  std::string manual = contents_of(SOURCE_FOLDER "/shim/documents/connarena.1");
  manual.erase(std::remove(manual.begin(), manual.end(), '\\'), manual.end());
  const std::string completion = contents_of(SOURCE_FOLDER "/shim/documents/connarena.bash");
  for (const char* command :
       {"run", "report", "stats", "top", "export", "record", "limit", "disconnect"}) {
    const std::string help = harness::run({{LAUNCHER, command, "--help"}}).output;
    EXPECT_NE(manual.find(command), std::string::npos) << command;
    const std::regex option(R"(\n  (--[a-z-]+))");
    for (std::sregex_iterator each(help.begin(), help.end(), option), end; each != end; ++each) {
      EXPECT_NE(manual.find((*each)[1].str()), std::string::npos) << (*each)[1];
      EXPECT_NE(completion.find((*each)[1].str()), std::string::npos) << (*each)[1];
    }
  }
}

TEST(launcher, completes_words_in_bash) {
  CONNARENA_NEEDS_PROGRAM("bash");
  const std::string script =
      ". " SOURCE_FOLDER
      "/shim/documents/connarena.bash; COMP_WORDS=(connarena top --to); "
      "COMP_CWORD=2; _connarena; echo ${COMPREPLY[*]}; COMP_WORDS=(connarena run --small = o); "
      "COMP_CWORD=4; _connarena; echo ${COMPREPLY[*]}; COMP_WORDS=(connarena st); "
      "COMP_CWORD=1; _connarena; echo ${COMPREPLY[*]}";
  const outcome result = harness::run({{"bash", "-c", script}});
  EXPECT_EQ(result.output, "--together\non off\nstats\n") << describe(result);
}

TEST(launcher, ends_with_an_exit_code_that_says_why) {
  const programs::scratch_folder folder;
  std::ofstream(folder.file("text")) << "text";
  EXPECT_EQ(launch({"/nowhere/to/be"}).exit_code, 127);
  EXPECT_EQ(launch({folder.file("text")}).exit_code, 126);
  EXPECT_EQ(launch({make_program(folder.file("no-program"), "text")}).exit_code, 126);
  EXPECT_EQ(launch({"--small=some", "echo"}).exit_code, 125);
  EXPECT_EQ(launch({"/sbin/ldconfig"}).exit_code, 125);
  EXPECT_EQ(harness::run({{LAUNCHER, "report", folder.file("text")}}).exit_code, 125);
}

TEST(launcher, says_what_an_option_takes) {
  expect_refused(launch({"--on-close=maybe", "echo"}), "neither drain nor release");
  expect_refused(launch({"--small=some", "echo"}), "neither on nor off");
  expect_refused(launch({"--hardened=some", "echo"}), "neither on nor off");
  expect_refused(launch({"--retain=much", "echo"}), "4096, 4K, 2M or 1G");
  expect_refused(launch({"--keep=soon", "echo"}), "480ms or 2s");
  expect_refused(launch({"--helper=maybe", "echo"}), "auto, on or off");
  expect_refused(launch({"--base=nomalloc", "echo"}), "libc, jemalloc, mimalloc, tcmalloc");
}

TEST(launcher, refuses_a_report_that_is_no_regular_file) {
  const programs::scratch_folder folder;
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  for (const std::string& name : {folder.file("pipe"), std::string("/dev/zero")}) {
    expect_refused(harness::run({{LAUNCHER, "report", name}}), "no regular file");
  }
}

TEST(launcher, refuses_a_missing_base_allocator) {
  expect_refused(launch({"--base=/nowhere/liballoc.so", "echo", "ran"}), "/nowhere/liballoc.so");
}

TEST(launcher, refuses_a_bad_size) {
  expect_refused(launch({"--min-size=many", "echo", "ran"}), "many");
  expect_refused(launch({"--retain=-3", "echo", "ran"}), "-3");
}

TEST(launcher, refuses_a_word_that_an_option_does_not_know) {
  expect_refused(launch({"--on-close=maybe", "echo", "ran"}), "maybe");
  expect_refused(launch({"--small=some", "echo", "ran"}), "some");
}

TEST(launcher, refuses_an_unknown_option) {
  expect_refused(launch({"--frobnicate", "echo", "ran"}), "--frobnicate");
}

TEST(setting, that_is_bad_is_reported_once_by_name_and_the_program_runs) {
  const outcome result =
      launch({"/bin/sh", "-c", "echo ran"}, {"CONNARENA_MIN_SIZE=lots", "PATH=/usr/bin:/bin"});
  EXPECT_EQ(result.exit_code, 0) << describe(result);
  EXPECT_EQ(result.output, "ran\n");
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  EXPECT_NE(result.errors.find("CONNARENA_MIN_SIZE"), std::string::npos) << result.errors;
}

}  // namespace
