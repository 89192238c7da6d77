// A system without overcommit: what is reserved costs nothing, and any commit may be
// refused. Random operations in it agree with the reference.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "harness/child_process.hpp"
#include "harness/random_seed.hpp"
#include "model/shadow_heap.hpp"
#include "system/fake_os.hpp"

namespace {

constexpr int operations = 30000;
constexpr std::size_t most_granted_bytes = std::size_t{8} << 10;

std::uint64_t seed = 0;

/// Connections on a system that grants a little now and then.
class poor_connections {
 public:
  void step() {
    if (random_() % 4 == 0) {
      fake_os::setup().commit_budget_bytes += random_() % most_granted_bytes;
    }
    const std::uint64_t kind = random_() % 100;
    if (kind < 3) {
      open_or_close();
    } else if (kind < 60) {
      allocate();
    } else if (kind < 70) {
      resize();
    } else {
      free();
    }
  }

  void end() {
    fake_os::setup().commit_budget_bytes = SIZE_MAX;
    while (!reference_.empty()) free();
    for (const connarena_t each : open_) EXPECT_EQ(connarena_close(each), 0);
    connarena_process_stats left{};
    connarena_get_process_stats(&left);
    EXPECT_EQ(left.live_bytes, 0u);
    EXPECT_EQ(left.arenas_open, 0u);
    EXPECT_GT(refused_, 200);
    EXPECT_GT(granted_, 200);
  }

 private:
  void note(bool was_granted) {
    ++(was_granted ? granted_ : refused_);
    EXPECT_TRUE(was_granted || errno == ENOMEM) << errno;
  }
  void open_or_close() {
    if (open_.size() < 10) {
      const connarena_t arena = connarena_create(nullptr);
      note(arena != 0);
      if (arena != 0) open_.push_back(arena);
    } else {
      EXPECT_EQ(connarena_close(open_.back()), 0);
      open_.pop_back();
    }
  }
  void allocate() {
    if (open_.empty()) return;
    const std::size_t bytes = model::random_size(random_);
    void* const block = connarena_malloc(open_[random_() % open_.size()], bytes);
    note(block != nullptr);
    if (block != nullptr) reference_.add(block, bytes, 16, random_());
  }
  void resize() {
    if (open_.empty() || reference_.empty()) return;
    const auto chosen = reference_.pick(random_);
    const std::size_t bytes = model::random_size(random_) + 1;
    void* const block = connarena_realloc(open_[0], reinterpret_cast<void*>(chosen->first), bytes);
    note(block != nullptr);
    if (block != nullptr) reference_.resized(chosen, block, bytes, random_());
  }
  void free() {
    if (reference_.empty()) return;
    const auto chosen = reference_.pick(random_);
    void* const block = reinterpret_cast<void*>(chosen->first);
    reference_.remove(chosen);
    connarena_free(block);
  }

  std::mt19937_64 random_{seed};
  std::vector<connarena_t> open_;
  model::shadow_heap reference_;
  int granted_ = 0;
  int refused_ = 0;
};

int live_on_little() {
  fake_os::setup().commit_budget_bytes = 0;
  poor_connections all;
  for (int i = 0; i < operations && !::testing::Test::HasFailure(); ++i) all.step();
  all.end();
  return ::testing::Test::HasFailure() ? 1 : 0;
}

TEST(system_with_little_memory, refuses_and_grants_while_every_block_stays_intact) {
  seed = harness::random_seed();
  const harness::outcome result = harness::run_forked(live_on_little);
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

}  // namespace
