// Whose the blocks of a server are, told by servers that know it: bench/attribution.
#include <signal.h>

#include <algorithm>
#include <sstream>

#include "programs/loopback.hpp"
#include "programs/preload.hpp"
#include "wire.hpp"

namespace {

using attribution::request_header;
using programs::tcp_client;

constexpr unsigned connections = 8;
constexpr unsigned rounds = 3;

struct tally {
  std::uint64_t right = 0;
  std::uint64_t wrong = 0;
  std::uint64_t nobody = 0;
};

/// In the order of a server's line.
struct sample {
  tally touched_runs, other_runs, touched_small, other_small;
};

class attribution_server {
 public:
  explicit attribution_server(const std::string& shape)
      : process_(
            {{ATTRIBUTION_SERVER, shape}, {"LD_PRELOAD=" PRELOAD_LIBRARY, "CONNARENA_SMALL=on"}},
            folder_.file("log")) {
    static_cast<void>(harness::wait_until([this] { return lines() > 0; }));
  }

  /// Why the shape cannot be had here; empty if it can.
  [[nodiscard]] std::string refusal() const {
    const std::string words = process_.log();
    return words.rfind("refused", 0) == 0 ? words : "";
  }
  [[nodiscard]] programs::port_number port() const {
    return static_cast<programs::port_number>(std::stoi(process_.log().substr(5)));
  }

  [[nodiscard]] sample take_sample() {
    const std::size_t before = lines();
    ::kill(process_.pid(), SIGUSR1);
    EXPECT_TRUE(harness::wait_until([&] { return lines() > before; })) << process_.log();
    std::istringstream words(last_line());
    sample taken;
    for (tally* each :
         {&taken.touched_runs, &taken.other_runs, &taken.touched_small, &taken.other_small}) {
      words >> each->right >> each->wrong >> each->nobody;
    }
    return taken;
  }
  [[nodiscard]] std::string log() const { return process_.log(); }

 private:
  [[nodiscard]] std::size_t lines() const {
    const std::string log = process_.log();
    return static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n'));
  }
  [[nodiscard]] std::string last_line() const {
    const std::string log = process_.log();
    return log.substr(log.rfind('\n', log.size() - 2) + 1);
  }

  programs::scratch_folder folder_;
  harness::background_process process_;
};

/// All clients ask before any of them reads its answer.
void exchange(std::vector<tcp_client>& clients, unsigned round) {
  const auto size_of = [=](unsigned i) { return 4096 * (1 + (i + round) % 3) + i; };
  const auto filling = [=](unsigned i) { return static_cast<char>('a' + (i + round) % 26); };
  for (unsigned i = 0; i < clients.size(); ++i) {
    const request_header header{size_of(i), size_of(i)};
    clients[i].send({reinterpret_cast<const char*>(&header), sizeof header});
    clients[i].send(std::string(header.request_bytes, filling(i)));
  }
  for (unsigned i = 0; i < clients.size(); ++i) {
    ASSERT_TRUE(clients[i].receive(size_of(i)) == std::string(size_of(i), filling(i))) << i;
  }
}

enum class demand : unsigned char { all_right, none_wrong, no_demand };

bool meets(const tally& bytes, demand asked) {
  if (asked == demand::no_demand) return true;
  return bytes.right > 0 && bytes.wrong == 0 && (asked == demand::none_wrong || bytes.nobody == 0);
}

struct shape_facts {
  const char* shape;
  demand touched_runs, other_runs, touched_small, other_small;
};

std::ostream& operator<<(std::ostream& to, const shape_facts& facts) { return to << facts.shape; }

constexpr auto all = demand::all_right;
constexpr auto none = demand::none_wrong;
constexpr auto any = demand::no_demand;

class attribution_shape : public ::testing::TestWithParam<shape_facts> {};

TEST_P(attribution_shape, gives_blocks_to_their_connections) {
  const shape_facts& facts = GetParam();
  attribution_server server(facts.shape);
  if (!server.refusal().empty()) GTEST_SKIP() << server.refusal();
  std::vector<tcp_client> clients;
  for (unsigned i = 0; i < connections; ++i) clients.emplace_back(server.port());
  for (unsigned round = 0; round < rounds; ++round) exchange(clients, round);
  const auto are_met = [&] {
    const sample now = server.take_sample();
    return meets(now.touched_runs, facts.touched_runs) && meets(now.other_runs, facts.other_runs) &&
           meets(now.touched_small, facts.touched_small) &&
           meets(now.other_small, facts.other_small);
  };
  // A client has its answer a moment before the server has seen that it is written.
  constexpr std::chrono::seconds moment{10};
  EXPECT_TRUE(harness::wait_until(are_met, harness::clock::now() + moment))
      << "right, wrong, nobody's of touched and other runs, of touched and other small blocks:\n"
      << server.log();
}

// For whom a worker works that does no I/O is a guess, which the next I/O mends. A connection's
// small blocks of before its first transfer stay nobody's. The cache's
// touched runs are its slabs, which are nobody's in truth.
INSTANTIATE_TEST_SUITE_P(
    each, attribution_shape,
    ::testing::Values(shape_facts{"threads", all, all, all, none},
                      shape_facts{"loop-after-read", all, all, all, all},
                      shape_facts{"loop-before-read", all, all, any, all},
                      shape_facts{"loop-all-before-read", all, any, any, any},
                      shape_facts{"pool", all, all, all, all},
                      shape_facts{"pool-without-io", all, any, any, any},
                      shape_facts{"counted-pool-without-io", all, any, any, any},
                      shape_facts{"eventfd-pool-without-io", all, any, any, any},
                      shape_facts{"explicit-pool", all, all, all, all},
                      shape_facts{"cache", all, all, any, all},
                      shape_facts{"ring", all, all, all, all}),
    [](const auto& each) {
      std::string name = each.param.shape;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

class unclaimed : public ::testing::TestWithParam<const char*> {};

TEST_P(unclaimed, under_the_preload_library) {
  const harness::outcome result = harness::run(
      {{UNCLAIMED_PROGRAM, GetParam()}, {"LD_PRELOAD=" PRELOAD_LIBRARY, "CONNARENA_SMALL=on"}});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

INSTANTIATE_TEST_SUITE_P(
    each, unclaimed,
    ::testing::Values(
        "runs_before_the_first_read_are_the_connections", "runs_before_a_wait_are_nobodys",
        "runs_before_a_socketpair_are_nobodys", "runs_before_a_connect_are_nobodys",
        "many_runs_are_nobodys", "freed_runs_are_left_to_their_next_owner",
        "runs_after_a_reply_are_the_next_readers", "runs_after_a_reply_stay_where_a_wait_follows",
        "runs_after_a_request_stay_its_connections", "runs_after_all_was_read_stay_its_connections",
        "runs_after_all_was_read_and_parsed_are_the_next_readers",
        "io_shows_whose_the_runs_made_with_its_buffer_are",
        "woken_by_an_eventfd_works_for_its_waker", "semaphore_that_is_a_lock_hands_nothing_on",
        "entered_arena_takes_small_blocks"),
    [](const auto& each) { return std::string(each.param); });

}  // namespace
