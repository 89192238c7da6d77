// Whoever disconnects never reaches a socket that got the number of one that was closed.
#include "shim/lifetime/disconnect_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace {

using connarena::shim::connection_id;
using connarena::shim::disconnect_gate;
using outcome = disconnect_gate::outcome;

/// One descriptor: what the table says it is, and what the system leads it to. The system's
/// side is no atomic: the gate alone keeps its changes apart from who disconnects.
struct descriptor {
  std::atomic<connection_id> word{0};
  connection_id socket = 0;
};

TEST(disconnect_gate, acts_on_the_connection_alone) {
  disconnect_gate gate;
  std::atomic<connection_id> word{7};
  int acts = 0;
  EXPECT_EQ(gate.at_open(word, 8, [&] { ++acts; }), outcome::gone);
  EXPECT_EQ(gate.at_open(word, 7, [&] { ++acts; }), outcome::done);
  EXPECT_EQ(acts, 1);
  gate.begin_blind_close();
  EXPECT_EQ(gate.at_open(word, 7, [&] { ++acts; }), outcome::busy);
  gate.end_blind_close();
  EXPECT_EQ(gate.at_open(word, 7, [&] { ++acts; }), outcome::done);
  EXPECT_EQ(acts, 2);
}

TEST(disconnect_gate, of_a_child_is_free) {
  disconnect_gate gate;
  std::atomic<connection_id> word{7};
  gate.begin_blind_close();
  EXPECT_EQ(gate.at_open(word, 7, [] {}), outcome::busy);
  gate.reset();
  EXPECT_EQ(gate.at_open(word, 7, [] {}), outcome::done);
}

/// Closes and reuses a descriptor until told to stop, as close does or as dup2.
void reuse(disconnect_gate& gate, descriptor& at, bool is_blind, const std::atomic<bool>& stop) {
  for (connection_id next = 1; !stop; ++next) {
    if (is_blind) {
      gate.begin_blind_close();
      at.socket = next;
      at.word.store(next);
      gate.end_blind_close();
      continue;
    }
    const connection_id taken = at.word.exchange(0);
    if (taken != 0) gate.wait_until_left(taken);
    at.socket = 0;  // closed
    at.socket = next;
    at.word.store(next);
  }
}

class disconnect_beside : public ::testing::TestWithParam<bool> {};

TEST_P(disconnect_beside, close_and_reuse_reaches_no_other_socket) {
  disconnect_gate gate;
  descriptor descriptors[3];
  std::atomic<bool> stop{false};
  std::atomic<int> acts{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (descriptor& each : descriptors) {
    threads.emplace_back([&] { reuse(gate, each, GetParam(), stop); });
  }
  for (int number = 0; number < 2; ++number) {
    threads.emplace_back([&, number] {
      for (int i = 0; i < 3000; ++i) {
        descriptor& at = descriptors[static_cast<std::size_t>(i + number) % 3];
        const connection_id seen = at.word.load();
        if (seen == 0) continue;
        gate.at_open(at.word, seen, [&] {
          acts.fetch_add(1);
          if (at.socket != seen) wrong.fetch_add(1);
        });
      }
    });
  }
  threads[3].join();
  threads[4].join();
  stop = true;
  for (int number = 0; number < 3; ++number) threads[static_cast<std::size_t>(number)].join();
  EXPECT_EQ(wrong, 0);
}

INSTANTIATE_TEST_SUITE_P(each, disconnect_beside, ::testing::Bool(),
                         [](const auto& is_blind) { return is_blind.param ? "dup2" : "close"; });

}  // namespace
