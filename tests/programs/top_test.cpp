// `connarena top`, in a terminal that tmux drives, and as plain text.
#include <signal.h>

#include <regex>

#include "harness/deadline.hpp"
#include "programs/live_view.hpp"
#include "programs/preload.hpp"

namespace {

using harness::describe;
using harness::outcome;
using programs::running_program;
using programs::under_run;

bool contains(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

/// A terminal of its own, with one program in it.
class terminal {
 public:
  terminal(const std::string& size, const std::string& variables,
           const std::vector<std::string>& words)
      : socket_(folder_.file("tmux")) {
    const std::size_t by = size.find('x');
    std::vector<std::string> start{"-f", "/dev/null",        "new-session", "-d",
                                   "-x", size.substr(0, by), "-y",          size.substr(by + 1)};
    std::string command = "env " + variables + " " LAUNCHER " top";
    for (const std::string& each : words) command += " " + each;
    // What it says at its end stays to be seen.
    start.push_back(command + "; echo ended with $?; sleep 1000");
    const outcome started = tmux(start);
    EXPECT_TRUE(started.succeeded()) << describe(started);
  }
  ~terminal() { static_cast<void>(tmux({"kill-server"})); }
  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;

  void press(const std::string& key) { static_cast<void>(tmux({"send-keys", key})); }
  void type(const std::string& words) { static_cast<void>(tmux({"send-keys", "-l", words})); }
  void resize(const std::string& width, const std::string& height) {
    static_cast<void>(tmux({"resize-window", "-x", width, "-y", height}));
  }
  [[nodiscard]] std::string shown() { return tmux({"capture-pane", "-p"}).output; }
  [[nodiscard]] std::string shown_with_colours() {
    return tmux({"capture-pane", "-p", "-e"}).output;
  }
  /// Whether the screen comes to show something.
  [[nodiscard]] bool shows(const std::string& words) {
    return harness::wait_until([&] { return contains(shown(), words); });
  }
  [[nodiscard]] bool no_longer_shows(const std::string& words) {
    return harness::wait_until([&] { return !contains(shown(), words); });
  }

 private:
  outcome tmux(std::vector<std::string> words) {
    words.insert(words.begin(), {"tmux", "-S", socket_});
    return harness::run({std::move(words)});
  }

  const programs::scratch_folder folder_;
  std::string socket_;
};

constexpr const char* utf8 = "TERM=screen LC_ALL=C.UTF-8";

class top : public ::testing::Test {
 protected:
  void SetUp() override {
    CONNARENA_NEEDS_PROGRAM("tmux");
    ASSERT_TRUE(program_.says("ready")) << program_.log();
    const auto holds_all = [](const programs::json& of) {
      return programs::most_footprint(of) >= 300000 && of["connections"].size() == 6;
    };
    static_cast<void>(programs::live_figures_when(program_.pid(), holds_all));
  }
  [[nodiscard]] std::string pid() const { return std::to_string(program_.pid()); }

  running_program program_{under_run({LIVE_PROGRAM, "holding"})};
};

TEST_F(top, shows_totals_and_a_table_and_its_keys) {
  terminal screen("110x24", utf8, {pid()});
  ASSERT_TRUE(screen.shows("connections 6")) << screen.shown();
  const std::string shown = screen.shown();
  EXPECT_TRUE(contains(shown, "live_program, process " + pid())) << shown;
  EXPECT_TRUE(std::regex_search(shown, std::regex("resident +[0-9.]+ MiB  █"))) << shown;
  EXPECT_TRUE(std::regex_search(shown, std::regex("footprint +[0-9.]+ [KM]iB  [▁-█]"))) << shown;
  EXPECT_TRUE(contains(shown, "*footprint")) << shown;
  EXPECT_TRUE(contains(shown, "tcp 127.0.0.1:")) << shown;
  EXPECT_TRUE(contains(shown, "q quit")) << shown;
  screen.press("q");
  EXPECT_TRUE(screen.shows("ended with 0")) << screen.shown();
}

TEST_F(top, sorts_filters_freezes_and_shows_one_connection) {
  terminal screen("110x24", utf8, {pid()});
  ASSERT_TRUE(screen.shows("*footprint")) << screen.shown();
  screen.press("Right");
  EXPECT_TRUE(screen.shows("*live")) << screen.shown();
  screen.press("r");
  EXPECT_TRUE(screen.shows("^live")) << screen.shown();
  screen.press("r");
  screen.press("/");
  screen.type("no such row");
  EXPECT_TRUE(screen.shows("none of them")) << screen.shown();
  screen.press("Escape");
  EXPECT_TRUE(screen.no_longer_shows("none of them")) << screen.shown();
  screen.press("Space");
  EXPECT_TRUE(screen.shows("[frozen]")) << screen.shown();
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("descriptor")) << screen.shown();
  EXPECT_TRUE(contains(screen.shown(), "local       127.0.0.1:")) << screen.shown();
  screen.press("Escape");
  EXPECT_TRUE(screen.no_longer_shows("descriptor")) << screen.shown();
}

TEST_F(top, shows_where_the_largest_blocks_of_a_connection_were_allocated) {
  const programs::scratch_folder folder;
  running_program reported(
      {LAUNCHER, "run", "--report=" + folder.file("report"), LIVE_PROGRAM, "holding-at-work"});
  ASSERT_TRUE(reported.says("ready")) << reported.log();
  static_cast<void>(programs::live_figures_when(reported.pid(), [](const programs::json& of) {
    return programs::most_footprint(of) >= 400000;
  }));
  terminal screen("200x40", utf8, {std::to_string(reported.pid()), "--delay=0.2"});
  ASSERT_TRUE(screen.shows("*footprint")) << screen.shown();
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("largest blocks")) << screen.shown();
  EXPECT_TRUE(screen.shows("KiB  live_program ")) << screen.shown();
  const std::string shown = screen.shown();
  const std::size_t first = shown.find("holding_at_work");
  EXPECT_NE(first, shown.npos) << shown;
  EXPECT_NE(shown.find("holding_at_work", first + 1), shown.npos) << shown;
}

TEST_F(top, says_when_it_is_not_known_where_blocks_were_allocated) {
  terminal screen("120x30", utf8, {pid()});
  ASSERT_TRUE(screen.shows("*footprint")) << screen.shown();
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("is known under run --report")) << screen.shown();
}

TEST_F(top, shows_the_workers_of_a_service_together_or_each) {
  running_program service(under_run({LIVE_PROGRAM, "child"}));
  ASSERT_TRUE(service.says("child ")) << service.log();
  terminal screen("120x24", utf8, {std::to_string(service.pid())});
  ASSERT_TRUE(screen.shows("live_program, process ")) << screen.shown();
  screen.press("w");
  EXPECT_TRUE(screen.shows("live_program, 2 processes")) << screen.shown();
  EXPECT_TRUE(screen.shows("connections 4")) << screen.shown();
  screen.press("w");
  EXPECT_TRUE(screen.shows("connections 2")) << screen.shown();
  ::kill(std::stoi(service.log().substr(6)), SIGKILL);
}

TEST_F(top, fits_terminals_of_any_size) {
  terminal screen("160x40", utf8, {pid()});
  ASSERT_TRUE(screen.shows("state")) << screen.shown();
  screen.resize("46", "12");
  EXPECT_TRUE(screen.no_longer_shows("state")) << screen.shown();
  EXPECT_TRUE(screen.shows("tcp 127.0.0.1:")) << screen.shown();
  screen.resize("12", "2");
  EXPECT_TRUE(screen.shows("q quit")) << screen.shown();
  screen.resize("160", "40");
  EXPECT_TRUE(screen.shows("state")) << screen.shown();
}

TEST_F(top, lists_what_runs_to_choose_from) {
  terminal screen("100x500", utf8, {});  // whatever else runs here
  ASSERT_TRUE(screen.shows(pid())) << screen.shown();
  screen.press("Enter");
  EXPECT_TRUE(screen.shows(", process ")) << screen.shown();
  screen.press("Escape");
  EXPECT_TRUE(screen.shows("What runs")) << screen.shown();
}

TEST_F(top, says_when_its_process_has_ended) {
  terminal screen("100x24", utf8, {pid(), "--delay=0.2"});
  ASSERT_TRUE(screen.shows("connections 6")) << screen.shown();
  static_cast<void>(program_.process().stop());
  EXPECT_TRUE(screen.shows("has ended")) << screen.shown();
}

TEST_F(top, has_colours_unless_they_are_not_wanted) {
  const std::regex colour("\x1b\\[[0-9;]*3[0-7]m");
  {
    terminal screen("100x24", "TERM=screen-256color LC_ALL=C.UTF-8", {pid()});
    ASSERT_TRUE(screen.shows("connections 6")) << screen.shown();
    EXPECT_TRUE(std::regex_search(screen.shown_with_colours(), colour));
  }
  terminal screen("100x24", "TERM=screen-256color NO_COLOR=1 LC_ALL=C", {pid()});
  ASSERT_TRUE(screen.shows("connections 6")) << screen.shown();
  EXPECT_FALSE(std::regex_search(screen.shown_with_colours(), colour));
  EXPECT_TRUE(std::regex_search(screen.shown(), std::regex("resident +[0-9.]+ MiB  #")));
}

TEST_F(top, prints_one_look_for_scripts) {
  const outcome once = harness::run({{LAUNCHER, "top", "--once", pid()}});
  EXPECT_TRUE(once.succeeded()) << describe(once);
  EXPECT_EQ(once.output.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::count(once.output.begin(), once.output.end(), '\n'), 7 + 1 + 6) << once.output;
  const outcome some =
      harness::run({{LAUNCHER, "top", "--once", "--sort=live", "--filter=tcp 127", pid()}});
  EXPECT_TRUE(contains(some.output, "*live")) << some.output;
  EXPECT_TRUE(harness::run({{LAUNCHER, "top", "--once"}}).succeeded());
}

TEST(top_refuses, what_it_cannot_show) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"12x"}, "no process number"},
      {{"--once", "999999999"}, "no process 999999999"},
      {{}, "needs a terminal"},
      {{"--sort=colour", "--once"}, "there is no column colour"},
      {{"--delay=0"}, "delay"}};
  for (const auto& [words, why] : cases) {
    std::vector<std::string> all{LAUNCHER, "top"};
    all.insert(all.end(), words.begin(), words.end());
    const outcome result = harness::run({all});
    EXPECT_EQ(result.exit_code, 125) << describe(result);
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    EXPECT_TRUE(contains(result.errors, why)) << result.errors;
  }
}

}  // namespace
