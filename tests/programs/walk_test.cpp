// The README's first minute, as its reader walks it: a redis-server with nginx's four workers
// beside it, which connection holds the memory, and how it goes.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "programs/live_view.hpp"
#include "programs/nginx_settings.hpp"
#include "programs/preload.hpp"

namespace {

using harness::outcome;
using programs::running_program;
using programs::tcp_client;
using programs::under_run;

constexpr std::size_t request_bytes = 12 << 20;

/// The README's commands, from the first that starts so to the end of their block, without
/// comments.
std::vector<std::string> commands_from(const std::string& start) {
  std::ifstream readme(SOURCE_FOLDER "/README.md");
  std::vector<std::string> commands;
  for (std::string line; std::getline(readme, line);) {
    if (!commands.empty() && line.rfind("    ", 0) != 0) break;
    if (commands.empty() && line.rfind("    " + start, 0) != 0) continue;
    line = line.substr(4, line.find('#') - 4);
    commands.push_back(line.substr(0, line.find_last_not_of(" &") + 1));
  }
  return commands;
}

class walk : public ::testing::Test {
 protected:
  /// The next command is this one. Gives what it prints; "PID" and "ID" are what they are here.
  std::string step(const std::string& command) {
    EXPECT_LT(at_, commands_.size());
    EXPECT_EQ(at_ < commands_.size() ? commands_[at_] : "", command);
    ++at_;
    std::vector<std::string> words;
    std::istringstream text(command);
    for (std::string word; text >> word;) {
      words.push_back(word == "PID" ? pid_ : word == "ID" ? id_ : word);
    }
    words.front() = LAUNCHER;
    if (words[1] == "top") words.insert(words.begin() + 2, "--once");
    const outcome result = harness::run({words});
    EXPECT_TRUE(result.succeeded()) << command << harness::describe(result);
    return result.output;
  }
  /// A line of that which has the words; empty: none has.
  static std::string line_with(const std::string& words, const std::string& of) {
    std::istringstream lines(of);
    for (std::string line; std::getline(lines, line);) {
      if (line.find(words) != std::string::npos) return line;
    }
    return "";
  }
  static std::string word_of(const std::string& line, int number) {
    std::string word;
    std::istringstream words(line);
    for (int i = 0; i < number; ++i) words >> word;
    return word;
  }

  std::vector<std::string> commands_ = commands_from("connarena run nginx");
  std::size_t at_ = 2;
  std::string pid_, id_;
};

std::string end_of(const tcp_client& client) {
  return "127.0.0.1:" + std::to_string(client.port());
}

TEST_F(walk, finds_who_holds_the_memory_and_sees_it_go) {
  CONNARENA_NEEDS_PROGRAM("redis-server");
  CONNARENA_NEEDS_PROGRAM("nginx");
  ASSERT_GE(commands_.size(), 2U);
  EXPECT_EQ(commands_[0], "connarena run nginx");
  EXPECT_EQ(commands_[1], "connarena run redis-server");
  const programs::scratch_folder folder;
  const programs::port_number web = programs::free_port();
  const programs::port_number store = programs::free_port();
  std::ofstream(folder.file("settings")) << programs::nginx_settings(folder, web);
  running_program nginx(under_run({"nginx", "-c", folder.file("settings"), "-p", folder.file("")}));
  running_program redis(under_run(
      {"redis-server", "--port", std::to_string(store), "--bind", "127.0.0.1", "--save", ""}));
  ASSERT_TRUE(programs::is_listening(web)) << nginx.log();
  ASSERT_TRUE(programs::is_listening(store)) << redis.log();
  tcp_client calm(store);
  calm.send("PING\r\n");
  EXPECT_EQ(calm.receive_line(), "+PONG");
  tcp_client greedy(store);
  greedy.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$50000000\r\n" + std::string(request_bytes, 'x'));
  static_cast<void>(programs::live_figures_when(redis.pid(), [](const programs::json& of) {
    return programs::most_footprint(of) >= request_bytes;
  }));

  const std::string all = step("connarena stats");
  // Others may run beside these.
  pid_ = std::to_string(redis.pid());
  EXPECT_NE(line_with(pid_, all).find("redis-server"), std::string::npos) << all;
  EXPECT_NE(line_with(std::to_string(nginx.pid()), all).find("nginx"), std::string::npos) << all;
  const std::string seen = step("connarena top PID");
  const std::string row = line_with(end_of(greedy), seen);
  EXPECT_NE(row.find(" MiB"), std::string::npos) << seen;
  id_ = word_of(line_with(end_of(calm), seen), 2);  // after its process
  step("connarena limit PID --limit=8M");
  EXPECT_TRUE(harness::wait_until([&] {
    return redis.log().find("disconnected " + end_of(greedy)) != std::string::npos;
  })) << redis.log();
  step("connarena disconnect PID ID");
  const std::string after = step("connarena stats PID");
  EXPECT_EQ(at_, commands_.size());
  EXPECT_NE(after.find("limit 8.0 MiB each, disconnected 2"), std::string::npos) << after;
  EXPECT_TRUE(harness::wait_until([&] {
    const std::string now = harness::run({{LAUNCHER, "stats", pid_}}).output;
    return line_with(end_of(greedy), now).empty() && line_with(end_of(calm), now).empty();
  }));
}

}  // namespace
