// What `connarena stats` says of programs that run.
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "programs/live_view.hpp"
#include "programs/preload.hpp"

namespace {

using harness::describe;
using harness::outcome;
using programs::json;
using programs::live_figures;
using programs::live_figures_when;
using programs::most_footprint;
using programs::running_program;
using programs::stats;
using programs::under_run;

constexpr std::size_t unit_bytes = 100000;

running_program started(const char* of_case) {
  return running_program(under_run({LIVE_PROGRAM, of_case}));
}

/// Segments of a process that are nobody else's to see: their size and resident bytes.
struct shared_segment {
  long bytes, resident_bytes;
};
std::vector<shared_segment> segments_of(pid_t process) {
  std::vector<shared_segment> found;
  std::ifstream table("/proc/sysvipc/shm");
  std::string line;
  std::getline(table, line);
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::vector<long> fields;
    for (long field = 0; words >> field;) fields.push_back(field);
    if (fields.size() >= 15 && fields[4] == process) found.push_back({fields[3], fields[14]});
  }
  return found;
}

void expect_refused(const outcome& result, const std::string& word) {
  EXPECT_EQ(result.exit_code, 125) << describe(result);
  EXPECT_EQ(result.output, "");
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  EXPECT_NE(result.errors.find(word), std::string::npos) << result.errors;
}

TEST(live, shows_which_connection_holds_the_memory) {
  running_program program = started("holding");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const json seen = live_figures_when(program.pid(), [](const json& of) {
    return most_footprint(of) >= 3 * unit_bytes && of["connections"].size() == 6;
  });
  const json& rows = seen["connections"];
  ASSERT_EQ(rows.size(), 6U);
  const std::size_t expected[] = {3 * unit_bytes, 2 * unit_bytes, unit_bytes};
  for (std::size_t i = 0; i < 3; ++i) {
    const json& row = rows[i];
    EXPECT_GE(row["live_bytes"], expected[i]) << row;
    EXPECT_LE(row["footprint_bytes"], expected[i] + unit_bytes / 2) << row;
    EXPECT_GE(row["peak_bytes"], row["footprint_bytes"]) << row;
    EXPECT_GE(row["blocks"], 1) << row;
    EXPECT_EQ(row["state"], "open");
    EXPECT_EQ(row["kind"], "tcp");
    EXPECT_EQ(row["local"].get<std::string>().rfind("127.0.0.1:", 0), 0U) << row;
    EXPECT_NE(row["peer"], row["local"]);
  }
  EXPECT_EQ(seen["connections_open"], 6);
  EXPECT_EQ(seen["program"], "live_program");
  EXPECT_GE(seen["footprint_bytes"], 6 * unit_bytes);
  EXPECT_GE(seen["resident_bytes"], 6 * unit_bytes);
}

TEST(live, sees_what_is_freed_while_nobody_is_served) {
  running_program program = started("freeing-later");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const json seen = live_figures_when(program.pid(), [](const json& of) {
    return most_footprint(of) < unit_bytes && of["live_bytes"] < 20 * unit_bytes;
  });
  EXPECT_EQ(seen["connections_open"], 2);
}

/// How much less of a process is resident than once was.
long returned_kib(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  long most = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) most = std::stol(line.substr(6));
    if (line.rfind("VmRSS:", 0) == 0) return most - std::stol(line.substr(6));
  }
  return 0;
}

std::size_t most_live(const json& of) {
  std::size_t most = 0;
  for (const json& row : of["connections"]) most = std::max<std::size_t>(most, row["live_bytes"]);
  return most;
}

TEST(live, sees_what_a_thread_freed_of_others_lanes_before_it_waited) {
  running_program program({LAUNCHER, "run", "--small=on", LIVE_PROGRAM, "freeing-elsewhere"});
  ASSERT_TRUE(program.says("ready")) << program.log();
  const json seen = live_figures_when(program.pid(), [](const json& of) {
    return most_live(of) == 0 && of["live_bytes"] < 20 * unit_bytes &&
           of["retained_bytes"] < 30 * unit_bytes;
  });
  EXPECT_EQ(seen["connections_open"], 962);
  EXPECT_TRUE(harness::wait_until([&] { return returned_kib(program.pid()) >= 4000; }));
}

TEST(live, forgets_connections_that_have_closed) {
  running_program program = started("closing");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const json seen = live_figures_when(program.pid(),
                                      [](const json& of) { return of["connections"].size() == 6; });
  EXPECT_EQ(seen["connections_opened"], 10);
  EXPECT_EQ(seen["connections_closed"], 4);
  EXPECT_EQ(seen["connections_open"], 6);
}

TEST(live, finds_the_address_of_a_copied_descriptor) {
  running_program program = started("copy");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const json seen = live_figures_when(program.pid(), [](const json& of) {
    return most_footprint(of) >= unit_bytes && of["connections"][0]["kind"] == "tcp";
  });
  EXPECT_TRUE(seen["connections"][0]["peer"].is_string()) << seen;
}

TEST(live, is_up_to_date_for_threads_that_block_in_reads) {
  running_program program = started("threads");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const json seen = live_figures_when(program.pid(), [](const json& of) {
    return of["connections"].size() == 4 && of["connections"][1]["live_bytes"] >= unit_bytes;
  });
  EXPECT_GE(seen["connections"][0]["live_bytes"], 2 * unit_bytes) << seen;
  EXPECT_GT(seen["footprint_bytes"], 0) << seen;
}

TEST(live, stays_right_while_connections_come_and_go) {
  running_program program = started("passing");
  const auto is_ready = [&] { return program.log().find("ready") != std::string::npos; };
  while (!is_ready() && program.process().is_running()) {
    const json seen = live_figures(program.pid());
    if (!seen.is_object()) continue;
    EXPECT_LE(most_footprint(seen), 10 * unit_bytes) << seen.dump(1);
    EXPECT_LE(seen["connections"].size(), 100U) << seen.dump(1);
  }
  const json seen = live_figures_when(program.pid(), [](const json& of) {
    return of["connections"].size() == 2 && most_footprint(of) >= 5 * unit_bytes;
  });
  EXPECT_EQ(seen["connections_opened"], 4 * 300 * 2 + 2);
  EXPECT_EQ(seen["connections_closed"], 4 * 300 * 2);
  EXPECT_EQ(seen["connections"][1]["live_bytes"], 0) << seen.dump(1);
}

TEST(live, of_a_forked_child_are_its_own) {
  running_program program = started("child");
  ASSERT_TRUE(program.says("child ")) << program.log();
  const pid_t child = std::stoi(program.log().substr(program.log().find("child ") + 6));
  const json of_child =
      live_figures_when(child, [](const json& of) { return most_footprint(of) >= 4 * unit_bytes; });
  EXPECT_EQ(of_child["connections_inherited"], 2);
  EXPECT_EQ(of_child["connections_opened"], 0);
  const json of_parent = live_figures(program.pid());
  EXPECT_EQ(of_parent["connections_opened"], 2);
  EXPECT_LT(most_footprint(of_parent), 2 * unit_bytes);
  ::kill(child, SIGKILL);
}

TEST(live, takes_memory_only_for_connections_there_are) {
  running_program program = started("idle-ones");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const auto segments = segments_of(program.pid());
  ASSERT_EQ(segments.size(), 1U);
  EXPECT_GE(segments[0].bytes, 100000 * 64);
  EXPECT_LE(segments[0].resident_bytes, 4096 + 401 * 64 + 4096);
}

TEST(live, goes_with_its_process_however_that_ends) {
  running_program program = started("holding");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const pid_t pid = program.pid();
  EXPECT_EQ(segments_of(pid).size(), 1U);
  ::kill(pid, SIGKILL);
  EXPECT_TRUE(harness::wait_until([&] { return !program.process().is_running(); }));
  EXPECT_TRUE(harness::wait_until([&] { return segments_of(pid).empty(); }));
  expect_refused(stats({std::to_string(pid)}), "no process " + std::to_string(pid));
}

TEST(live, is_there_unless_it_is_switched_off) {
  const std::vector<std::vector<std::string>> without = {
      {LAUNCHER, "run", "--live=off", LIVE_PROGRAM, "holding"},
      {"/usr/bin/env", "LD_PRELOAD=" PRELOAD_LIBRARY, LIVE_PROGRAM, "holding"},
      {"/usr/bin/env", "CONNARENA_LIVE=off", LAUNCHER, "run", LIVE_PROGRAM, "holding"}};
  for (const auto& words : without) {
    running_program program(words);
    ASSERT_TRUE(program.says("ready")) << program.log();
    EXPECT_TRUE(segments_of(program.pid()).empty());
    expect_refused(stats({std::to_string(program.pid())}), "no live figures");
  }
}

TEST(live, refuses_what_is_no_process_to_look_at) {
  expect_refused(stats({"12x"}), "12x is no process number");
  expect_refused(stats({"-1"}), "-1 is no process number");
  expect_refused(stats({""}), "no process number");
  expect_refused(stats({"99999999999999999999"}), "no process number");
  expect_refused(stats({"999999999"}), "no process 999999999");
  expect_refused(stats({std::to_string(::getpid())}),
                 "no live figures: it neither runs under `connarena run` nor calls "
                 "connarena_publish");
  expect_refused(stats({"--json", "--prometheus"}), "excludes");
  expect_refused(stats({"--connections=few"}), "few");
  expect_refused(stats({"--frobnicate"}), "frobnicate");
}

TEST(live, refuses_figures_of_another_version) {
  running_program program({LIVE_PROGRAM, "version"});
  ASSERT_TRUE(program.says("ready")) << program.log();
  expect_refused(stats({std::to_string(program.pid())}), "version 9");
}

TEST(live, of_another_user_are_refused) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can become another user";
  CONNARENA_NEEDS_PROGRAM("setpriv");
  const outcome reached =
      harness::run({{"setpriv", "--reuid=65534", "--clear-groups", LAUNCHER, "version"}});
  if (!reached.succeeded()) GTEST_SKIP() << "another user cannot reach the launcher";
  running_program program = started("holding");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const std::string pid = std::to_string(program.pid());
  const outcome result =
      harness::run({{"setpriv", "--reuid=65534", "--clear-groups", LAUNCHER, "stats", pid}});
  expect_refused(result, "process " + pid + " is root's");
}

TEST(live, of_a_process_that_had_no_proc_are_refused) {
  running_program program({LIVE_PROGRAM, "nobody's"});
  ASSERT_TRUE(program.says("ready")) << program.log();
  expect_refused(stats({std::to_string(program.pid())}), "could not tell who it is");
}

TEST(live, of_a_stranger_stand_for_no_process_of_that_number) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can become another user";
  running_program program({LIVE_PROGRAM, "stranger's"});
  ASSERT_TRUE(program.says("ready")) << program.log();
  const std::string pid = std::to_string(program.pid());
  expect_refused(stats({pid}), "process " + pid + " has no live figures");
  EXPECT_EQ(stats({}).output.find(pid), std::string::npos);
}

TEST(live, that_lie_harm_nobody) {
  running_program lies({LIVE_PROGRAM, "lies"});
  running_program is_short({LIVE_PROGRAM, "short"});
  ASSERT_TRUE(lies.says("ready")) << lies.log();
  ASSERT_TRUE(is_short.says("ready")) << is_short.log();
  for (const char* format : {"--json", "--prometheus", "--connections=100"}) {
    const outcome result = stats({std::to_string(lies.pid()), format});
    EXPECT_TRUE(result.succeeded()) << describe(result);
    EXPECT_EQ(result.output.find('\x1b'), std::string::npos) << result.output;
  }
  const outcome shorter = stats({std::to_string(is_short.pid())});
  EXPECT_EQ(shorter.signal, 0) << describe(shorter);
  EXPECT_TRUE(stats({}).succeeded());
}

TEST(live, lists_what_runs) {
  running_program program = started("holding");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const std::string pid = std::to_string(program.pid());
  EXPECT_NE(stats({}).output.find(pid), std::string::npos);
  const json all = json::parse(stats({"--json"}).output);
  const auto is_it = [&](const json& each) { return each["pid"] == program.pid(); };
  EXPECT_TRUE(std::any_of(all["processes"].begin(), all["processes"].end(), is_it)) << all;
}

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& each : object.items()) keys.insert(each.key());
  return keys;
}

/// The first words of a table's rows, below a heading of the docs.
std::set<std::string> documented_keys(const std::string& heading) {
  std::ifstream docs(SOURCE_FOLDER "/docs/live.md");
  std::string line;
  while (std::getline(docs, line) && line != heading) {
  }
  std::set<std::string> keys;
  std::smatch match;
  while (std::getline(docs, line) && line[0] != '#') {
    if (std::regex_search(line, match, std::regex(R"(^\| `(\w+)` \|)"))) keys.insert(match[1]);
    if (line.empty()) line = " ";
  }
  return keys;
}

TEST(live, as_json_are_as_the_docs_say) {
  running_program program = started("holding");
  ASSERT_TRUE(program.says("ready")) << program.log();
  json seen = live_figures(program.pid());
  ASSERT_FALSE(seen["connections"].empty());
  EXPECT_EQ(seen["schema"], 1);
  EXPECT_EQ(keys_of(seen["connections"][0]), documented_keys("### A connection"));
  EXPECT_EQ(keys_of(seen), documented_keys("### A process"));
}

TEST(live, are_metrics_that_prometheus_takes) {
  running_program program = started("holding");
  ASSERT_TRUE(program.says("ready")) << program.log();
  const outcome result = stats({std::to_string(program.pid()), "--prometheus", "--connections=2"});
  EXPECT_TRUE(result.succeeded()) << describe(result);
  const std::regex sample(R"re(\nconnarena_connection_live_bytes\{[^\n]*\} \d+)re");
  const std::sregex_iterator first(result.output.begin(), result.output.end(), sample);
  EXPECT_EQ(std::distance(first, std::sregex_iterator()), 2) << result.output;
  CONNARENA_NEEDS_PROGRAM("promtool");
  const outcome checked = harness::run({{"promtool", "check", "metrics"}, {}, result.output});
  EXPECT_TRUE(checked.succeeded()) << describe(checked) << result.output;
  EXPECT_EQ(checked.output + checked.errors, "");
}

}  // namespace
