// Live figures of limits: what they are, and what they did.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "programs/live_view.hpp"

namespace {

using harness::outcome;
using programs::json;
using programs::live_figures_when;

constexpr std::uint64_t mib = 1024 * 1024;

/// A program one of whose connections was refused a block, and holds a mebibyte.
class limited_program : public ::testing::Test {
 protected:
  limited_program()
      : program_({LAUNCHER, "run", "--limit=1M", "--over-limit=fail", "--budget=100M",
                  LIMITS_PROGRAM, "is_refused_and_stays"}) {
    seen_ = live_figures_when(program_.pid(), [](const json& of) {
      return of["blocks_refused"] != 0 && of["limit_bytes"] != nullptr &&
             of["connections"][0]["footprint_bytes"] > mib / 2;
    });
  }
  [[nodiscard]] std::string pid() const { return std::to_string(program_.pid()); }
  [[nodiscard]] outcome ask(std::vector<std::string> all) const {
    all.insert(all.begin(), LAUNCHER);
    return harness::run({std::move(all)});
  }

  programs::running_program program_;
  json seen_;
};

TEST_F(limited_program, shows_its_limits_and_what_they_refused) {
  EXPECT_EQ(seen_["limit_bytes"], mib);
  EXPECT_EQ(seen_["budget_bytes"], 100 * mib);
  EXPECT_EQ(seen_["over_limit"], "fail");
  EXPECT_EQ(seen_["connections_disconnected"], 0);
  for (const json& each : seen_["connections"]) EXPECT_EQ(each["limit_bytes"], mib) << each;
  const std::string text = ask({"stats", pid()}).output;
  EXPECT_NE(text.find("limit 1.0 MiB each, budget 100.0 MiB, blocks refused "), std::string::npos)
      << text;
  const std::string top = ask({"top", "--once", pid()}).output;
  EXPECT_NE(top.find("limit 1.0 MiB each"), std::string::npos) << top;
}

TEST_F(limited_program, shows_at_once_what_is_set_while_it_runs) {
  const outcome set =
      ask({"limit", pid(), "--limit=2M", "--over-limit=disconnect", "--budget=none"});
  ASSERT_EQ(set.exit_code, 0) << harness::describe(set);
  const json now = programs::live_figures(program_.pid());
  EXPECT_EQ(now["limit_bytes"], 2 * mib);
  EXPECT_EQ(now["budget_bytes"], nullptr);
  EXPECT_EQ(now["over_limit"], "disconnect");
}

TEST_F(limited_program, counts_and_marks_who_is_disconnected) {
  const std::string largest = seen_["connections"][0]["id"];
  const outcome sent = ask({"disconnect", pid(), largest});
  ASSERT_EQ(sent.exit_code, 0) << harness::describe(sent);
  const json now = live_figures_when(
      program_.pid(), [](const json& of) { return of["connections"][0]["disconnected"] == true; });
  EXPECT_EQ(now["connections_disconnected"], 1);
  EXPECT_EQ(now["connections"][0]["id"], largest);
  EXPECT_EQ(now["connections"][0]["state"], "open");
  EXPECT_NE(ask({"stats", pid()}).output.find("leaving"), std::string::npos);
}

TEST_F(limited_program, has_metrics_of_its_limits) {
  const std::string text = ask({"stats", "--prometheus", pid()}).output;
  for (const char* name :
       {"connarena_connections_disconnected_total", "connarena_blocks_refused_total",
        "connarena_connection_limit_bytes", "connarena_budget_bytes"}) {
    EXPECT_NE(text.find(std::string("\n") + name + "{"), std::string::npos) << name << text;
  }
}

TEST_F(limited_program, is_recorded_with_its_limits) {
  const programs::scratch_folder folder;
  const std::string file = folder.file("recording");
  harness::background_process recorder(
      harness::command{{LAUNCHER, "record", "-o", file, "--every=0.1", pid()}}, folder.file("log"));
  const auto content = [&] {
    std::ifstream from(file);
    return std::string(std::istreambuf_iterator<char>(from), {});
  };
  EXPECT_TRUE(harness::wait_until([&] {
    const std::string now = content();
    return now.find("\"limit_bytes\":1048576") != std::string::npos &&
           now.find("\"budget_bytes\":104857600") != std::string::npos;
  })) << content()
      << recorder.log();
}

TEST(exempt_connection, shows_no_limit) {
  programs::running_program program({LAUNCHER, "run", "--limit=1M", "--exempt=127.0.0.0/8",
                                     LIMITS_PROGRAM, "waits_until_one_is_disconnected"});
  const json seen = live_figures_when(program.pid(), [](const json& of) {
    return of["limit_bytes"] == mib && of["connections"].size() == 4 &&
           of["connections"][0]["footprint_bytes"] > mib &&
           of["connections"][0]["limit_bytes"] == nullptr;
  });
  EXPECT_EQ(seen["connections_disconnected"], 0);
}

TEST(program_without_a_connection, shows_its_limits) {
  programs::running_program program(
      {LAUNCHER, "run", "--limit=64M", "--budget=1G", "--over-limit=fail", "sleep", "60"});
  const json seen =
      live_figures_when(program.pid(), [](const json& of) { return of["over_limit"] == "fail"; });
  EXPECT_EQ(seen["limit_bytes"], 64 * mib);
  EXPECT_EQ(seen["budget_bytes"], 1024 * mib);
}

/// What `top` says of a process and its child, which are one service.
std::string together(pid_t process) {
  return harness::run({{LAUNCHER, "top", "--once", "--together", std::to_string(process)}}).output;
}

TEST(service, has_a_limit_where_its_processes_agree_on_it) {
  programs::running_program program(
      {LAUNCHER, "run", "--limit=100M", "--budget=200M", LIVE_PROGRAM, "child"});
  ASSERT_TRUE(program.says("child ")) << program.log();
  const std::string child = program.log().substr(program.log().find("child ") + 6);
  const std::string pid = child.substr(0, child.find('\n'));
  (void)live_figures_when(std::stoi(pid), [](const json& of) { return of["limit_bytes"] != 0; });
  const std::string agreed = together(program.pid());
  EXPECT_NE(agreed.find("limit 100.0 MiB each, budget 400.0 MiB, disconnected 0"),
            std::string::npos)
      << agreed;

  const outcome set =
      harness::run({{LAUNCHER, "limit", pid, "--over-limit=fail", "--budget=none"}});
  ASSERT_EQ(set.exit_code, 0) << harness::describe(set);
  const std::string differing = together(program.pid());
  EXPECT_NE(differing.find("limits differ, disconnected 0, blocks refused 0"), std::string::npos)
      << differing;
  ::kill(std::stoi(pid), SIGKILL);
}

}  // namespace
