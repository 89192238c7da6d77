// Connections that several threads share, close under each other's hands and leave
// survivors of, while the process forks.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <connarena/arena.hpp>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include "arena/check_all.hpp"
#include "harness/child_process.hpp"
#include "harness/random_seed.hpp"
#include "model/exchange.hpp"
#include "model/shadow_heap.hpp"

namespace {

using model::exchange;
using model::parcel;

constexpr unsigned thread_count = 3;
constexpr int operations = 12000;
constexpr int forks = 10;
constexpr std::size_t most_kept = 150;

/// What the threads share: handles that any of them may close, and blocks.
struct shared_state {
  std::array<std::atomic<connarena_t>, 4> handles{};
  const connarena_t keeper = connarena_create(nullptr);  ///< which nobody closes
  exchange parcels;
};

/// One thread. Gives an exit code: 0, or what went wrong.
class worker {
 public:
  worker(shared_state& shared, std::uint64_t seed)
      : shared_(shared), random_(seed), own_(connarena_create(nullptr)) {}
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker() { connarena_destroy(own_); }

  [[nodiscard]] int run() {
    for (int i = 0; i < operations && problem_ == 0; ++i) step();
    for (const parcel& each : kept_) give_back(each);
    kept_.clear();
    return problem_;
  }

 private:
  void step() {
    const std::uint64_t kind = random_() % 100;
    if (kind < 3) return replace_handle();
    if (kind < 6) return replace_pointer();
    if (kind < 35) return allocate_from_handle();
    if (kind < 45) return allocate_through_resource();
    if (kind < 55) return resize();
    if (kind < 60) return use_own();
    if (kind < 75) return take();
    return give_away(kind < 88);
  }

  /// Opens a connection in place of another, which drains, whoever is inside.
  void replace_handle() {
    const connarena_t old = any_handle().exchange(connarena_create(nullptr));
    if (old != 0 && connarena_close(old) != 0) problem_ = 1;
  }
  void replace_pointer() {
    pointer_ = pointer_ == nullptr ? connarena::synchronized_arena::open() : nullptr;
  }

  void allocate_from_handle() {
    if (kept_.size() >= most_kept) return;
    const std::size_t bytes = size();
    void* const at = connarena_malloc(any_handle().load(), bytes);
    if (at != nullptr) return keep({at, bytes, random_()});
    if (errno != ESTALE) problem_ = 2;
  }
  /// A block keeps its resource usable, whether or not that drains meanwhile.
  void allocate_through_resource() {
    std::pmr::memory_resource* from = pointer_.get();
    if (from == nullptr && !kept_.empty()) from = any_kept().resource;
    if (from == nullptr || kept_.size() >= most_kept) return;
    const std::size_t bytes = size();
    keep({from->allocate(bytes), bytes, random_(), from});
  }
  /// Where the block's arena ends meanwhile, the block goes to one that stays.
  void resize() {
    if (kept_.empty()) return;
    parcel& block = any_kept();
    if (block.resource != nullptr) return;
    const std::size_t bytes = size() + 1;
    void* const moved = connarena_realloc(shared_.keeper, block.at, bytes);
    if (moved == nullptr) {
      problem_ = 3;
      return;
    }
    const std::size_t kept_bytes = std::min(bytes, block.bytes);
    if (!harness::holds_pattern(moved, kept_bytes, block.bytes, block.contents)) problem_ = 4;
    block = {moved, bytes, block.contents};
    harness::write_pattern(moved, bytes, block.contents);
  }
  /// Nobody else is inside this thread's own arena: it may be released.
  void use_own() {
    const std::size_t bytes = size();
    for (int i = 0; i < 20; ++i) {
      void* const at = connarena_malloc(own_, bytes);
      harness::write_pattern(at, bytes, random_());
      if (i % 3 == 0) connarena_free(at);
    }
    if (random_() % 2 == 0) {
      if (connarena_release(own_) != 0) problem_ = 5;
      return;
    }
    if (connarena_destroy(own_) != 0) problem_ = 6;
    own_ = connarena_create(nullptr);
  }

  void take() {
    parcel block{};
    if (!shared_.parcels.take(block)) return;
    if (random_() % 2 == 0 && kept_.size() < most_kept) {
      kept_.push_back(block);
    } else {
      give_back(block);
    }
  }
  void give_away(bool to_others) {
    if (kept_.empty()) return;
    std::swap(any_kept(), kept_.back());
    const parcel block = kept_.back();
    kept_.pop_back();
    to_others ? shared_.parcels.put(block) : give_back(block);
  }

  void keep(const parcel& block) {
    harness::write_pattern(block.at, block.bytes, block.contents);
    kept_.push_back(block);
  }
  void give_back(const parcel& block) {
    if (!block.is_intact()) problem_ = 7;
    if (block.resource != nullptr) {
      block.resource->deallocate(block.at, block.bytes);
    } else {
      connarena_free(block.at);
    }
  }

  [[nodiscard]] std::size_t size() { return model::random_size(random_) % 30000; }
  [[nodiscard]] parcel& any_kept() { return kept_[random_() % kept_.size()]; }
  [[nodiscard]] std::atomic<connarena_t>& any_handle() {
    return shared_.handles[random_() % shared_.handles.size()];
  }
  shared_state& shared_;
  std::mt19937_64 random_;
  connarena_t own_;
  connarena::arena_ptr pointer_;
  std::vector<parcel> kept_;
  int problem_ = 0;
};

/// What the forking thread holds, and a child is to find.
struct inherited_state {
  shared_state* shared = nullptr;
  std::vector<parcel> blocks;
};
inherited_state inherited;

int work_in_child() {
  for (const parcel& each : inherited.blocks) {
    if (!each.is_intact()) return 10;
    connarena_free(each.at);
  }
  for (const std::atomic<connarena_t>& each : inherited.shared->handles) {
    const connarena_t arena = each.load();
    for (std::size_t bytes = 1; bytes < 10000; bytes += 500) {
      void* const at = connarena_malloc(arena, bytes);
      if (at == nullptr && errno != ESTALE) return 11;
      if (at == nullptr) break;
      harness::write_pattern(at, bytes, bytes);
      if (!harness::holds_pattern(at, bytes, bytes)) return 12;
    }
    if (connarena_close(arena) != 0 && errno != ESTALE) return 13;
  }
  connarena::check_all(connarena::others::work);
  const connarena_t fresh = connarena_create(nullptr);
  return connarena_malloc(fresh, 100000) != nullptr && connarena_destroy(fresh) == 0 ? 0 : 14;
}

void fork_while_threads_work(shared_state& shared, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  inherited.shared = &shared;
  for (int i = 0; i < forks; ++i) {
    for (int k = 0; k < 20; ++k) {
      const std::size_t bytes = model::random_size(random) % 30000;
      const parcel block{connarena_malloc(shared.keeper, bytes), bytes, random()};
      harness::write_pattern(block.at, bytes, block.contents);
      inherited.blocks.push_back(block);
    }
    const harness::outcome result = harness::run_forked(work_in_child);
    EXPECT_EQ(result.exit_code, 0) << "fork " << i << ": " << harness::describe(result);
  }
  for (const parcel& each : inherited.blocks) {
    EXPECT_TRUE(each.is_intact());
    connarena_free(each.at);
  }
  inherited = {};
}

/// Whatever the threads leave to each other, and in what, is gone when it is over.
void let_threads_work(std::uint64_t seed) {
  shared_state shared;
  std::array<int, thread_count> problems{};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < thread_count; ++i) {
    threads.emplace_back([&, i] { problems[i] = worker(shared, seed + i).run(); });
  }
  fork_while_threads_work(shared, seed + thread_count);
  connarena::check_all(connarena::others::work);
  for (std::thread& each : threads) each.join();
  connarena::check_all(connarena::others::are_still);
  for (const int each : problems) EXPECT_EQ(each, 0);
  parcel left{};
  while (shared.parcels.take(left)) {
    EXPECT_TRUE(left.is_intact());
    left.resource != nullptr ? left.resource->deallocate(left.at, left.bytes)
                             : connarena_free(left.at);
  }
  for (const std::atomic<connarena_t>& each : shared.handles) connarena_close(each.load());
  EXPECT_EQ(connarena_destroy(shared.keeper), 0);
}

TEST(model_of_threads, closing_connections_under_each_other_keep_every_block_intact) {
  const connarena::process_stats before = connarena::process();
  let_threads_work(harness::random_seed());
  const connarena::process_stats after = connarena::process();
  EXPECT_EQ(after.live_bytes, before.live_bytes);
  EXPECT_EQ(after.arenas_open, before.arenas_open);
  EXPECT_EQ(after.arenas_draining, before.arenas_draining);
}

}  // namespace
