// Threads that are inside one arena at once, and free each other's blocks.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "harness/mailbox.hpp"
#include "harness/pattern.hpp"
#include "harness/random_seed.hpp"
#include "moving/aftermath.hpp"

namespace {

constexpr int turns_a_thread = 6000;
constexpr std::size_t blocks_a_thread = 64;

struct block {
  char* at = nullptr;
  std::size_t bytes = 0;
};

class shared_arena {
 public:
  block make(std::mt19937_64& random) {
    const std::size_t most = random() % 20 == 0 ? 300000 : 1000;
    const block made{nullptr, 1 + random() % most};
    return {fill(made.bytes), made.bytes};
  }
  void give_back(const block& each) {
    if (each.at == nullptr) return;
    if (!harness::holds_pattern(each.at, each.bytes, each.bytes)) ++damaged_;
    arena_->deallocate(each.at, each.bytes);
  }
  [[nodiscard]] int damaged() const { return damaged_; }

 private:
  char* fill(std::size_t bytes) {
    auto* const at = static_cast<char*>(arena_->allocate(bytes));
    harness::write_pattern(at, bytes, bytes);
    return at;
  }

  connarena::arena_ptr arena_ = connarena::synchronized_arena::open();
  std::atomic<int> damaged_{0};
};

/// Every fourth block is freed by whichever thread comes by.
void work(shared_arena& in, harness::mailbox<block>& passed, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::array<block, blocks_a_thread> own{};
  for (int turn = 0; turn < turns_a_thread; ++turn) {
    block& each = own[random() % own.size()];
    block other{};
    if (turn % 4 == 1 && passed.take(other)) in.give_back(other);
    if (turn % 4 == 3) {
      passed.put(each);
    } else {
      in.give_back(each);
    }
    each = in.make(random);
  }
  for (const block& each : own) in.give_back(each);
}

class threads_in_one : public ::testing::TestWithParam<unsigned> {};

TEST_P(threads_in_one, arena_keep_every_block_intact_and_leave_nothing) {
  const moving::aftermath left;
  const std::uint64_t seed = harness::random_seed();
  {
    shared_arena arena;
    harness::mailbox<block> passed;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < GetParam(); ++i) {
      threads.emplace_back([&, i] { work(arena, passed, seed + i); });
    }
    for (std::thread& each : threads) each.join();
    for (block last{}; passed.take(last);) arena.give_back(last);
    EXPECT_EQ(arena.damaged(), 0);
  }
  EXPECT_TRUE(left.are_arenas_gone());
  EXPECT_TRUE(left.is_nothing_left_alive());
  EXPECT_TRUE(left.is_idle_memory_bounded());
}

INSTANTIATE_TEST_SUITE_P(of, threads_in_one, ::testing::Values(2u, 4u, 8u),
                         ::testing::PrintToStringParamName());

}  // namespace
