// What `connarena stats` says of programs that are linked to the library and publish.
#include <signal.h>

#include <map>

#include "programs/live_view.hpp"
#include "programs/preload.hpp"

namespace {

using harness::outcome;
using programs::json;
using programs::live_figures_when;
using programs::running_program;

running_program started(const char* of_case) {
  return running_program({PUBLISHING_PROGRAM, of_case});
}

/// The rows' live bytes, by the arena's name.
std::multimap<std::string, std::size_t> bytes_by_name(const json& of) {
  std::multimap<std::string, std::size_t> found;
  for (const json& each : of["connections"]) {
    found.emplace(programs::text_at(each, "name"), each["live_bytes"].get<std::size_t>());
  }
  return found;
}

bool has_some(const json& of) {
  const auto bytes = bytes_by_name(of);
  if (bytes.count("chat") != 2 || bytes.count("upload") != 1) return false;
  return bytes.find("upload")->second >= 300000 && bytes.find("chat")->second >= 100000;
}

TEST(published, arenas_are_shown_by_name) {
  running_program program = started("once");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const json seen = programs::live_figures(program.pid());
  ASSERT_TRUE(seen.is_object());
  EXPECT_TRUE(has_some(seen)) << seen.dump(1);
  EXPECT_EQ(seen["connections"].size(), 3U);
  EXPECT_EQ(programs::text_at(seen["connections"][0], "kind"), "arena");
  EXPECT_EQ(seen["connections"][0]["limit_bytes"], 1 << 20);
  EXPECT_TRUE(seen["connections"][1]["limit_bytes"].is_null());
  EXPECT_TRUE(seen["over_limit"].is_null());
  EXPECT_TRUE(seen["blocks_refused"].is_null());
  EXPECT_EQ(programs::text_at(seen, "program"), "publishing_program");
  EXPECT_EQ(seen["connections_open"], 3);
  EXPECT_EQ(seen["retain_bytes"], 8 << 20);
  EXPECT_GE(seen["footprint_bytes"], 600000);
  EXPECT_GE(seen["footprint_bytes"], seen["live_bytes"]);
  const outcome text = programs::stats({std::to_string(program.pid())});
  EXPECT_NE(text.output.find("arena upload"), std::string::npos) << text.output;
}

TEST(published, arenas_are_brought_up_to_date_by_idle) {
  running_program program = started("idle");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const json seen = live_figures_when(program.pid(), has_some);
  EXPECT_EQ(bytes_by_name(seen).count("first"), 0U) << seen.dump(1);
}

TEST(published, figures_are_there_only_when_they_are_asked_for) {
  running_program program = started("never");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const outcome result = programs::stats({std::to_string(program.pid())});
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_NE(result.errors.find("no live figures"), std::string::npos) << result.errors;
}

TEST(published, figures_of_a_forked_child_are_its_own) {
  running_program program = started("child");
  ASSERT_TRUE(program.says("child ")) << program.log();
  const pid_t child = std::stoi(program.log().substr(program.log().find("child ") + 6));
  EXPECT_EQ(bytes_by_name(programs::live_figures(child)).count("of-the-child"), 1U);
  EXPECT_EQ(bytes_by_name(programs::live_figures(program.pid())).count("of-the-child"), 0U);
  ::kill(child, SIGKILL);
}

TEST(published, figures_stand_another_threads_mlockall) {
  for (int i = 0; i < 5; ++i) {
    const outcome result = harness::run(
        {programs::under_run({PUBLISHING_PROGRAM, "beside-mlockall"}), {"CONNARENA_LIVE=off"}});
    ASSERT_EQ(result.exit_code, 0) << harness::describe(result);
  }
}

TEST(published, figures_of_connections_that_come_and_go_meanwhile_are_right) {
  for (int i = 0; i < 5; ++i) {
    running_program program({"/usr/bin/env", "CONNARENA_LIVE=off", LAUNCHER, "run",
                             PUBLISHING_PROGRAM, "beside-others"});
    ASSERT_TRUE(program.says("ready")) << program.log();
    const json seen =
        live_figures_when(program.pid(), [](const json& of) { return of["connections"].empty(); });
    EXPECT_EQ(seen["connections_open"], 0) << seen.dump(1);
  }
}

TEST(published, arenas_stand_beside_connections_under_the_preload_library) {
  running_program program(programs::under_run({PUBLISHING_PROGRAM, "beside-connections"}));
  ASSERT_TRUE(program.says("ready")) << program.log();
  const json seen = live_figures_when(program.pid(), has_some);
  EXPECT_EQ(seen["connections"].size(), 5U) << seen.dump(1);
  running_program quiet({"/usr/bin/env", "CONNARENA_LIVE=off", LAUNCHER, "run", PUBLISHING_PROGRAM,
                         "beside-connections"});
  ASSERT_TRUE(quiet.says("ready")) << quiet.log();
  EXPECT_TRUE(has_some(programs::live_figures(quiet.pid())));
}

}  // namespace
