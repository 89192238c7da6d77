// A program that has stopped has its idle memory back soon after its last use without
// another call, whatever its shape: what is resident then is what was when it had done
// nothing yet, the bound on idle memory, and some slack.
#include <gtest/gtest.h>

#include <fstream>
#include <ostream>

#include "harness/resident_memory.hpp"
#include "programs/loopback.hpp"
#include "programs/preload.hpp"
#include "wire.hpp"

namespace {

using harness::mib;
using programs::tcp_client;

constexpr std::size_t floor_of_library_bytes = 8 * mib;
constexpr std::size_t floor_of_preload_bytes = 2 * mib;

/// What is neither live nor idle: tables, stacks of threads, code that ran since.
constexpr std::size_t slack_bytes = 2 * mib;

/// The C library's heaps, one for each thread, have the small blocks of a program under the
/// preload library, and keep most of what they held at most.
constexpr std::size_t small_blocks_bytes = 6 * mib;

/// What all of these use at least at once, so that what came back is seen to be back.
constexpr std::size_t least_used_bytes = 48 * mib;

std::size_t most_resident_bytes(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stoul(line.substr(6)) * harness::kib;
  }
  return 0;
}

class watched_program {
 public:
  explicit watched_program(harness::command what) : process_(what, folder_.file("log")) {}

  [[nodiscard]] bool says(const std::string& word) const {
    return harness::wait_until([&] { return process_.log().find(word) != std::string::npos; });
  }
  [[nodiscard]] std::string log() const { return process_.log(); }

  /// From here on what it uses is what the test is about.
  void note_start() { start_bytes_ = harness::resident_bytes(process_.pid()); }

  void expect_returns_all_but(std::size_t allowed_bytes) {
    const std::size_t bound_bytes = start_bytes_ + allowed_bytes + slack_bytes;
    EXPECT_GE(most_resident_bytes(process_.pid()), start_bytes_ + least_used_bytes);
    EXPECT_TRUE(harness::wait_until([&] {
      return harness::resident_bytes(process_.pid()) <= bound_bytes;
    })) << harness::resident_bytes(process_.pid())
        << " B of " << bound_bytes << " are resident, " << start_bytes_ << " were at the start";
    EXPECT_TRUE(process_.is_running());
  }

 private:
  programs::scratch_folder folder_;
  std::size_t start_bytes_ = 0;
  harness::background_process process_;
};

// --- programs that work by themselves

struct lone_shape {
  const char* name;
  programs::start how;
  std::size_t allowed_bytes;  ///< beyond what was there at its start
};

std::ostream& operator<<(std::ostream& to, const lone_shape& shape) { return to << shape.name; }

class quiet : public ::testing::TestWithParam<lone_shape> {};

TEST_P(quiet, has_its_memory_back) {
  const lone_shape& shape = GetParam();
  programs::scratch_folder folder;
  watched_program program(
      {{QUIET_PROGRAM, shape.name, folder.file("go")}, programs::environment_for(shape.how)});
  ASSERT_TRUE(program.says("ready"));
  program.note_start();
  std::ofstream(folder.file("go")).put('g');
  ASSERT_TRUE(program.says("quiet"));
  program.expect_returns_all_but(shape.allowed_bytes);
}

INSTANTIATE_TEST_SUITE_P(
    each, quiet,
    ::testing::Values(lone_shape{"threads", programs::start::alone, floor_of_library_bytes},
                      lone_shape{"one_thread", programs::start::alone, floor_of_library_bytes},
                      lone_shape{"no_connection", programs::start::preloaded,
                                 floor_of_preload_bytes + small_blocks_bytes}),
    [](const auto& each) { return std::string(each.param.name); });

// --- servers, whose clients leave

class quiet_server : public ::testing::TestWithParam<std::vector<std::string>> {};

/// All ask before any of them reads its answer.
void exchange(std::vector<tcp_client>& clients, std::uint32_t reply_bytes) {
  const attribution::request_header header{1, reply_bytes};
  for (tcp_client& each : clients) {
    each.send({reinterpret_cast<const char*>(&header), sizeof header});
    each.send("r");
  }
  for (tcp_client& each : clients) {
    ASSERT_TRUE(each.receive(reply_bytes) == std::string(reply_bytes, 'r'));
  }
}

TEST_P(quiet_server, has_its_memory_back_when_its_clients_have_left) {
  constexpr std::size_t staying = 8;
  constexpr std::size_t coming = 64;
  constexpr std::uint32_t large_bytes = 1 << 20;
  constexpr std::uint32_t small_bytes = 300;
  std::vector<std::string> arguments = GetParam();
  arguments.insert(arguments.begin(), ATTRIBUTION_SERVER);
  watched_program server({arguments, {"LD_PRELOAD=" PRELOAD_LIBRARY}});
  ASSERT_TRUE(server.says("\n"));
  const auto port = static_cast<programs::port_number>(std::stoi(server.log().substr(5)));
  std::vector<tcp_client> clients;
  for (std::size_t i = 0; i < staying; ++i) clients.emplace_back(port);
  exchange(clients, small_bytes);
  server.note_start();
  for (int burst = 0; burst < 3; ++burst) {
    for (std::size_t i = 0; i < coming; ++i) clients.emplace_back(port);
    exchange(clients, large_bytes);
    while (clients.size() > staying) clients.pop_back();
  }
  exchange(clients, small_bytes);
  server.expect_returns_all_but(floor_of_preload_bytes);
}

INSTANTIATE_TEST_SUITE_P(each, quiet_server,
                         ::testing::Values(std::vector<std::string>{"loop-after-read", "mute"},
                                           std::vector<std::string>{"threads", "mute"},
                                           std::vector<std::string>{"threads"},
                                           std::vector<std::string>{"pool", "mute"}),
                         [](const auto& each) {
                           std::string name;
                           for (const std::string& word : each.param) name += word + '_';
                           for (char& letter : name) letter = letter == '-' ? '_' : letter;
                           name.pop_back();
                           return name;
                         });

}  // namespace
