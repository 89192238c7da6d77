// Connections whose handlers run on whichever thread of a pool is free, one at a time:
// as under Asio's io_context, tokio's runtime, or workers over one epoll. What one handler
// allocated, the next frees on another thread; whoever comes last closes.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "harness/pattern.hpp"
#include "harness/random_seed.hpp"

namespace {

constexpr std::size_t connection_count = 16;
constexpr int handlers_a_thread = 1500;

struct block {
  char* at = nullptr;
  std::size_t bytes = 0;
};

/// Its handlers run one at a time.
class connection {
 public:
  /// Whether every block was intact. False, too, if it was not this thread's turn.
  enum class outcome { busy, intact, damaged };
  outcome handle(std::mt19937_64& random) {
    if (is_served_.exchange(true, std::memory_order_acquire)) return outcome::busy;
    const bool are_intact = serve(random);
    is_served_.store(false, std::memory_order_release);
    return are_intact ? outcome::intact : outcome::damaged;
  }

  bool close() {
    bool are_intact = true;
    for (block& each : blocks_) are_intact = give_back(each) && are_intact;
    arena_.reset();
    return are_intact;
  }

 private:
  bool serve(std::mt19937_64& random) {
    if (arena_ == nullptr) arena_ = connarena::synchronized_arena::open();
    bool are_intact = true;
    for (block& each : blocks_) {
      are_intact = give_back(each) && are_intact;
      const std::size_t bytes = &each == &blocks_[0] ? 16384 : 1 + random() % 700;
      each = {static_cast<char*>(arena_->allocate(bytes)), bytes};
      harness::write_pattern(each.at, bytes, bytes);
    }
    return random() % 50 == 0 ? close() && are_intact : are_intact;
  }
  bool give_back(block& each) {
    if (each.at == nullptr) return true;
    const bool is_intact = harness::holds_pattern(each.at, each.bytes, each.bytes);
    arena_->deallocate(each.at, each.bytes);
    each = {};
    return is_intact;
  }

  std::atomic<bool> is_served_{false};
  connarena::arena_ptr arena_;
  std::array<block, 20> blocks_{};
};

void run_pool(unsigned thread_count) {
  const std::uint64_t seed = harness::random_seed();
  const connarena::process_stats before = connarena::process();
  std::array<connection, connection_count> connections;
  std::atomic<int> damaged{0};
  std::vector<std::thread> pool;
  for (unsigned i = 0; i < thread_count; ++i) {
    pool.emplace_back([&, i] {
      std::mt19937_64 random(seed + i);
      for (int handled = 0; handled < handlers_a_thread;) {
        const auto end = connections[random() % connection_count].handle(random);
        handled += end != connection::outcome::busy ? 1 : 0;
        if (end == connection::outcome::damaged) ++damaged;
      }
    });
  }
  for (std::thread& each : pool) each.join();
  for (connection& each : connections) EXPECT_TRUE(each.close());
  EXPECT_EQ(damaged, 0);
  const connarena::process_stats after = connarena::process();
  EXPECT_EQ(after.live_bytes, before.live_bytes);
  EXPECT_EQ(after.arenas_open, before.arenas_open);
  EXPECT_EQ(after.arenas_draining, before.arenas_draining);
}

TEST(moving_connections, on_two_threads_keep_every_block_intact) { run_pool(2); }
TEST(moving_connections, on_eight_threads_keep_every_block_intact) { run_pool(8); }

}  // namespace
