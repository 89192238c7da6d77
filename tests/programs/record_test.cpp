// `connarena record`, and the page that `connarena report --html` makes of it.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "programs/live_view.hpp"
#include "programs/preload.hpp"
#include "shim/launcher/record/page_parts.hpp"

namespace {

using harness::describe;
using harness::outcome;
using programs::json;
using programs::running_program;
using programs::scratch_folder;

std::string contents_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// The whole lines of a recording that are looks.
std::vector<json> looks_in(const std::string& file) {
  std::vector<json> looks;
  std::istringstream lines(contents_of(file));
  for (std::string line; std::getline(lines, line) && !lines.eof();) {
    const json read = json::parse(line, nullptr, false);
    if (read.is_object() && read.contains("at_ms")) looks.push_back(read);
  }
  return looks;
}

bool has_looks(const std::string& file, std::size_t count) {
  return harness::wait_until([&] { return looks_in(file).size() >= count; });
}

std::vector<std::string> record(const std::string& file, std::vector<std::string> words) {
  words.insert(words.begin(), {LAUNCHER, "record", "--every=0.05", "-o", file});
  return words;
}

/// 44,000.
std::string with_commas(const json& number) {
  std::string digits = std::to_string(number.get<long>());
  for (std::size_t at = digits.size(); at > 3; digits.insert(at, ",")) at -= 3;
  return digits;
}

outcome report(std::vector<std::string> words) {
  words.insert(words.begin(), {LAUNCHER, "report"});
  return harness::run({std::move(words)});
}

/// The line of a look, as somebody may write it.
std::string crafted_look(const std::string& at_ms, const std::string& largest = "[]") {
  const std::string zeroes = "[0,0,0,0,0,0,0,0,0,0,0,0]";
  return "{\"at_ms\":" + at_ms +
         ",\"processes\":1,\"resident_bytes\":1048576,\"footprint_bytes\":1,\"live_bytes\":1,"
         "\"retained_bytes\":0,\"open\":1,\"opened\":1,\"closed\":0,\"survivor_bytes\":0,"
         "\"open_sizes\":" +
         zeroes + ",\"ended_peaks\":" + zeroes + ",\"ended_lifetimes\":" + zeroes +
         ",\"largest\":" + largest + "}\n";
}

/// The process that a recording is of.
pid_t recorded_process(const std::string& file) {
  const std::string text = contents_of(file);
  return json::parse(text.substr(0, text.find('\n')))["pid"].get<pid_t>();
}

TEST(recording, has_a_program_s_figures_until_it_ends) {
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  running_program recorder(record(file, {LIVE_PROGRAM, "holding"}));
  ASSERT_TRUE(harness::wait_until([&] {
    const std::vector<json> looks = looks_in(file);
    return !looks.empty() && looks.back()["open"] == 6 &&
           looks.back()["largest"][0][2].get<std::size_t>() >= 300000;
  })) << contents_of(file);
  EXPECT_EQ(recorder.process().stop().exit_code, 128 + SIGTERM);
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const outcome shown = report({file});
  EXPECT_NE(shown.output.find("live_program, process "), std::string::npos) << describe(shown);
}

TEST(recording, has_what_there_was_when_its_recorder_is_killed) {
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  running_program recorder(record(file, {LIVE_PROGRAM, "holding"}));
  ASSERT_TRUE(has_looks(file, 3)) << recorder.log();
  const pid_t program = recorded_process(file);
  ::kill(recorder.pid(), SIGKILL);
  EXPECT_TRUE(harness::wait_until([&] { return !recorder.process().is_running(); }));
  EXPECT_TRUE(programs::live_figures(program).is_object()) << "the program has ended";
  ::kill(program, SIGKILL);
  std::ofstream(file, std::ios::app) << "{\"at_ms\":17";  // a line that was cut short
  const outcome shown = report({file});
  EXPECT_TRUE(shown.succeeded()) << describe(shown);
  EXPECT_NE(shown.output.find(std::to_string(looks_in(file).size()) + " looks"), std::string::npos)
      << shown.output;
}

TEST(recording, ends_with_a_program_that_is_killed) {
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  running_program recorder(record(file, {LIVE_PROGRAM, "holding"}));
  ASSERT_TRUE(has_looks(file, 2)) << recorder.log();
  ::kill(recorded_process(file), SIGKILL);
  EXPECT_TRUE(harness::wait_until([&] { return !recorder.process().is_running(); }));
  EXPECT_EQ(recorder.process().stop().exit_code, 128 + SIGKILL);
  EXPECT_TRUE(report({file}).succeeded());
}

TEST(recording, of_a_process_ends_by_a_signal_and_leaves_it_alone) {
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  running_program program(programs::under_run({LIVE_PROGRAM, "holding"}));
  ASSERT_TRUE(program.says("ready")) << program.log();
  running_program recorder(record(file, {std::to_string(program.pid())}));
  ASSERT_TRUE(has_looks(file, 2)) << recorder.log();
  EXPECT_EQ(recorder.process().stop().exit_code, 0);
  EXPECT_TRUE(program.process().is_running());
}

TEST(recording, passes_a_program_s_exit_code_and_words_on) {
  const scratch_folder folder;
  const outcome result =
      harness::run({record(folder.file("recording"), {"/bin/sh", "-c", "echo said; exit 7"})});
  EXPECT_EQ(result.exit_code, 7) << describe(result);
  EXPECT_EQ(result.output, "said\n");
  const outcome missing = harness::run({record(folder.file("other"), {"/nowhere/to/be"})});
  EXPECT_EQ(missing.exit_code, 127) << describe(missing);
}

TEST(recording, stays_within_its_size) {
  constexpr std::size_t most_bytes = 64 << 10;
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  running_program recorder(record(file, {"--size=64K", LIVE_PROGRAM, "holding"}));
  ASSERT_TRUE(has_looks(file, 2)) << recorder.log();
  std::size_t most = 0;
  const json first = looks_in(file).front();
  EXPECT_TRUE(harness::wait_until([&] {
    const std::string text = contents_of(file);
    EXPECT_LE(text.size(), most_bytes);
    most = std::max(most, text.size());
    return text.size() < most * 3 / 4;
  }));
  const std::vector<json> looks = looks_in(file);
  EXPECT_EQ(looks.front(), first) << "the beginning is lost";
  EXPECT_GE(looks.size(), 10U);
  static_cast<void>(recorder.process().stop());
}

/// Words that start a program with these signals as whoever starts it left them.
std::vector<std::string> with_signals(std::vector<std::string> words) {
  words.insert(words.begin(), {"env", "--ignore-signal=CHLD", "--block-signal=USR1"});
  return words;
}

TEST(recording, ends_where_signals_of_children_are_ignored) {
  const scratch_folder folder;
  const outcome result =
      harness::run({with_signals(record(folder.file("recording"), {"/bin/sh", "-c", "exit 7"}))});
  EXPECT_EQ(result.exit_code, 7) << describe(result);
}

TEST(recording, leaves_a_program_the_signals_that_it_would_have) {
  const std::vector<std::string> program = {"grep", "-E", "SigBlk|SigIgn", "/proc/self/status"};
  const scratch_folder folder;
  const outcome alone = harness::run({with_signals(program)});
  const outcome recorded = harness::run({with_signals(record(folder.file("recording"), program))});
  EXPECT_EQ(recorded.output, alone.output) << describe(recorded);
}

TEST(recording, of_a_process_outlives_a_terminal_that_it_was_told_to_outlive) {
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  running_program program(programs::under_run({LIVE_PROGRAM, "holding"}));
  ASSERT_TRUE(program.says("ready")) << program.log();
  std::vector<std::string> words = record(file, {std::to_string(program.pid())});
  words.insert(words.begin(), {"env", "--ignore-signal=HUP"});
  running_program recorder(words);
  ASSERT_TRUE(has_looks(file, 2)) << recorder.log();
  ::kill(recorder.pid(), SIGHUP);
  EXPECT_TRUE(has_looks(file, looks_in(file).size() + 3)) << "it ended";
}

TEST(recording, removes_nothing_that_it_did_not_make) {
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  const std::vector<std::string> others = {file + ".report", file + ".report.1", file + ".new"};
  for (const std::string& each : others) std::ofstream(each) << "another's";
  running_program recorder(record(file, {"--size=64K", LIVE_PROGRAM, "holding"}));
  ASSERT_TRUE(has_looks(file, 10)) << recorder.log();
  std::size_t most = 0;
  EXPECT_TRUE(harness::wait_until([&] {
    const std::size_t now = contents_of(file).size();
    most = std::max(most, now);
    return now < most * 3 / 4;
  })) << "it was never thinned";
  static_cast<void>(recorder.process().stop());
  for (const std::string& each : others) EXPECT_EQ(contents_of(each), "another's") << each;
  const std::filesystem::directory_iterator left(folder.file(""));
  EXPECT_EQ(std::distance(begin(left), end(left)), 4) << "something is left";
}

const std::string earlier = "{\"connarena_recording\":1,\"program\":\"earlier\",\"pid\":7}\n";

TEST(recording, of_earlier_stays_where_the_program_cannot_be_started) {
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  std::ofstream(file) << earlier;
  const outcome missing = harness::run({record(file, {"/nowhere/to/be"})});
  EXPECT_EQ(missing.exit_code, 127) << describe(missing);
  EXPECT_EQ(contents_of(file), earlier);
  EXPECT_NE(missing.errors.find("is the earlier recording\n"), std::string::npos) << missing.errors;
}

TEST(recording, of_earlier_is_replaced_and_becomes_its_owner_s_alone) {
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  std::ofstream(file) << earlier;
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  running_program recorder(record(file, {LIVE_PROGRAM, "holding"}));
  ASSERT_TRUE(has_looks(file, 2)) << recorder.log();
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(contents_of(file).find("earlier"), std::string::npos);
}

TEST(recording, is_refused_where_a_file_is_not_the_user_s_own) {
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  std::ofstream(file) << earlier;
  std::filesystem::create_symlink(file, folder.file("link"));
  std::vector<std::string> cases = {folder.file("link")};
  std::ofstream(folder.file("twice")) << earlier;
  std::filesystem::create_hard_link(folder.file("twice"), folder.file("again"));
  cases.push_back(folder.file("twice"));
  if (::geteuid() == 0) {
    std::ofstream(folder.file("another_s")) << earlier;
    ASSERT_EQ(::chown(folder.file("another_s").c_str(), 65534, 65534), 0);
    cases.push_back(folder.file("another_s"));
  }
  for (const std::string& each : cases) {
    const outcome refused = harness::run({record(each, {"/bin/true"})});
    EXPECT_EQ(refused.exit_code, 125) << each << describe(refused);
    EXPECT_EQ(contents_of(each), earlier) << each;
  }
}

TEST(recording, is_refused_where_it_cannot_be_made) {
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  std::ofstream(folder.file("text")) << "not mine";
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"record", "echo"}, "--output is required"},
      {{"record", "-o", file}, "target is required"},
      {{"record", "-o", file, "999999999"}, "no process 999999999"},
      {{"record", "-o", file, std::to_string(::getpid())}, "no live figures"},
      {{"record", "-o", file, "--size=1K", "echo"}, "too little"},
      {{"record", "-o", file, "--size=some", "echo"}, "no size"},
      {{"record", "-o", file, "--size=1G", "echo"}, "1G is too much: it takes 256M at most"},
      {{"record", "-o", file, "--every=0", "echo"}, "every"},
      {{"record", "-o", file, "--every=nan", "echo"}, "nan is no number of seconds"},
      {{"record", "-o", file, "--every=inf", "echo"}, "inf is no number of seconds"},
      {{"top", "--once", "--delay=nan"}, "nan is no number of seconds"},
      {{"record", "-o", file, "--sites=some", "echo"}, "some"},
      {{"record", "-o", folder.file("text"), "echo"}, "no recording"},
      {{"record", "-o", folder.file("none/recording"), "echo"}, "No such file"},
      {{"report", "--html", folder.file("text")}, "no recording"},
      {{"report", folder.file("none")}, "No such file"}};
  for (const auto& [words, why] : cases) {
    std::vector<std::string> all{LAUNCHER};
    all.insert(all.end(), words.begin(), words.end());
    const outcome result = harness::run({all});
    EXPECT_EQ(result.exit_code, 125) << describe(result);
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    EXPECT_NE(result.errors.find(why), std::string::npos) << result.errors;
  }
  EXPECT_EQ(contents_of(folder.file("text")), "not mine");
}

TEST(recording, of_a_stranger_neither_writes_to_a_terminal_nor_lasts_too_long) {
  const scratch_folder folder;
  const std::string file = folder.file("recording");
  std::ofstream(file) << "{\"connarena_recording\":1,\"program\":\"\\u001b[31mred\",\"pid\":7}\n"
                      << crafted_look("-9223372036854775807")
                      << crafted_look("9223372036854775807");
  const outcome shown = report({file});
  EXPECT_EQ(shown.output.find('\x1b'), std::string::npos) << shown.output;
  EXPECT_NE(shown.output.find("\\x1b[31mred, process 7, 2 looks over 106751d"), std::string::npos)
      << shown.output;
}

TEST(written_page, is_the_user_s_alone_and_follows_no_link) {
  if (!HAS_PAGE) GTEST_SKIP() << "built without uPlot: no npm";
  const scratch_folder folder;
  const auto file = [&](const std::string& name) { return folder.file(name); };
  std::ofstream(file("recording")) << earlier;
  std::ofstream(file("another's")) << "another's";
  std::filesystem::create_symlink(file("another's"), file("link"));
  EXPECT_EQ(report({"--html=" + file("link"), file("recording")}).exit_code, 125);
  EXPECT_EQ(contents_of(file("another's")), "another's");
  std::filesystem::create_hard_link(file("another's"), file("recording.html"));
  ASSERT_TRUE(report({"--html", file("recording")}).succeeded());
  EXPECT_EQ(contents_of(file("another's")), "another's");
  struct stat status {};
  ASSERT_EQ(::stat(file("recording.html").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

class page_of_recording : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HAS_PAGE) GTEST_SKIP() << "built without uPlot: no npm";
    CONNARENA_NEEDS_PROGRAM("chromium");
  }
  /// The page as it is once it has drawn itself.
  [[nodiscard]] std::string drawn(const std::string& page, const std::string& scheme = "1") {
    const outcome result = harness::run(
        {{"chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
          "--enable-logging=stderr", "--virtual-time-budget=5000", "--window-size=1200,2000",
          "--blink-settings=preferredColorScheme=" + scheme,
          "--user-data-dir=" + folder_.file("chromium"), "--dump-dom", "file://" + page},
         {"HOME=" + folder_.file("")}});
    EXPECT_EQ(result.errors.find("CONSOLE"), std::string::npos) << result.errors;
    EXPECT_NE(result.output.find("data-state=\"drawn\""), std::string::npos) << describe(result);
    return result.output;
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

 private:
  const scratch_folder folder_;
};

TEST_F(page_of_recording, shows_the_numbers_of_the_file) {
  const outcome recorded =
      harness::run({record(file("recording"), {LEAKING_PROGRAM, "flat", "3000"})});
  const std::vector<json> looks = looks_in(file("recording"));
  ASSERT_FALSE(looks.empty()) << describe(recorded);
  const outcome made = report({"--html", file("recording")});
  ASSERT_TRUE(made.succeeded()) << describe(made);
  EXPECT_EQ(made.output, file("recording") + ".html\n");
  const std::string page = contents_of(file("recording") + ".html");
  EXPECT_FALSE(std::regex_search(page, std::regex(R"( (src|href)=|@import|url\()")));
  for (const char* scheme : {"0", "1"}) {  // dark, light
    const std::string shown = drawn(file("recording") + ".html", scheme);
    EXPECT_NE(shown.find("leaking_program, process " +
                         std::to_string(recorded_process(file("recording")))),
              std::string::npos);
    EXPECT_NE(shown.find(", " + std::to_string(looks.size()) + " looks"), std::string::npos);
    EXPECT_NE(shown.find("<b>" + with_commas(looks.back()["opened"]) +
                         "</b><span class=\"quiet\">connections opened"),
              std::string::npos);
    EXPECT_NE(shown.find(">leaking_program main</div>"), std::string::npos) << "no flame graph";
    EXPECT_NE(shown.find("<canvas"), std::string::npos) << "no chart";
  }
}

TEST_F(page_of_recording, takes_no_name_for_a_command) {
  std::ofstream(file("recording"))
      << "{\"connarena_recording\":1,\"program\":\"</script><script>throw 1</script>\",\"pid\":7}\n"
      << crafted_look("1000", "[[\"7/1.1\",\"/*DATA*/<img src=x onerror='throw 1'>\",1]]")
      << "{\"at_ms\":\"no look\"}\nno JSON\n";
  ASSERT_TRUE(report({"--html=" + file("page.html"), file("recording")}).succeeded());
  const std::string shown = drawn(file("page.html"));
  EXPECT_NE(shown.find("<b>1 MiB</b>"), std::string::npos);
  EXPECT_NE(shown.find(", 1 looks"), std::string::npos);
  EXPECT_EQ(shown.find("<img"), std::string::npos);
}

TEST_F(page_of_recording, is_there_for_a_recording_without_a_look) {
  std::ofstream(file("recording")) << "{\"connarena_recording\":1,\"program\":\"p\",\"pid\":7}\n";
  ASSERT_TRUE(report({"--html", file("recording")}).succeeded());
  EXPECT_NE(drawn(file("recording") + ".html").find("without a look"), std::string::npos);
  const outcome refused = report({"--html=" + file("none/page.html"), file("recording")});
  EXPECT_EQ(refused.exit_code, 125) << describe(refused);
}

/// Linked here is what stands in for it.
TEST(page_without_uplot, is_known_to_be_missing) {
  EXPECT_EQ(connarena::launcher::built_in_page(), nullptr);
}

}  // namespace
