// Threads that share arenas, each with its own reference, and pass blocks on.
#include <atomic>
#include <thread>
#include <vector>

#include "arena/check_all.hpp"
#include "harness/arenas.hpp"
#include "harness/pattern.hpp"
#include "harness/random_seed.hpp"
#include "model/exchange.hpp"
#include "model/shadow_heap.hpp"

namespace {

using model::exchange;
using model::parcel;

constexpr unsigned thread_count = 4;
constexpr int operations = 20000;
constexpr int checks = 50;

template <typename Arena>
class worker {
 public:
  worker(Arena& arena, exchange& parcels, std::uint64_t seed)
      : arena_(arena), parcels_(parcels), random_(seed) {}

  /// Whether every block that came by was intact.
  [[nodiscard]] bool run() {
    bool intact = true;
    for (int i = 0; i < operations; ++i) intact = step() && intact;
    for (const parcel& item : kept_) intact = give_back(item) && intact;
    return intact;
  }

 private:
  bool step() {
    const std::uint64_t kind = random_() % 4;
    if (kind < 2 && kept_.size() < 200) {
      const std::size_t bytes = model::random_size(random_) % 20000;
      const parcel item{arena_.allocate(bytes), bytes, random_()};
      if (item.at == nullptr) return false;
      harness::write_pattern(item.at, bytes, item.contents);
      kept_.push_back(item);
      return true;
    }
    parcel item{};
    if (kind == 2 && parcels_.take(item)) return give_back(item);
    if (kept_.empty()) return true;
    std::swap(kept_[random_() % kept_.size()], kept_.back());
    item = kept_.back();
    kept_.pop_back();
    if (kind == 3) return give_back(item);
    parcels_.put(item);
    return true;
  }

  bool give_back(const parcel& item) {
    const bool intact = harness::holds_pattern(item.at, item.bytes, item.contents);
    arena_.deallocate(item.at, item.bytes);
    return intact;
  }

  Arena& arena_;
  exchange& parcels_;
  std::mt19937_64 random_;
  std::vector<parcel> kept_;
};

template <typename Arena>
class model_of_threads : public ::testing::Test {};
using shared_arenas = ::testing::Types<harness::any_thread_arena, harness::c_arena>;
TYPED_TEST_SUITE(model_of_threads, shared_arenas);

TYPED_TEST(model_of_threads, sharing_an_arena_keep_every_block_intact) {
  const std::uint64_t seed = harness::random_seed();
  TypeParam arena;
  exchange parcels;
  std::atomic<int> damaged{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < thread_count; ++i) {
    threads.emplace_back([&, i] {
      if (!worker<TypeParam>(arena, parcels, seed + i).run()) ++damaged;
    });
  }
  for (int i = 0; i < checks; ++i) connarena::check_all(connarena::others::work);
  for (std::thread& each : threads) each.join();
  connarena::check_all(connarena::others::are_still);
  parcel item{};
  while (parcels.take(item)) {
    if (!harness::holds_pattern(item.at, item.bytes, item.contents)) ++damaged;
    arena.deallocate(item.at, item.bytes);
  }
  EXPECT_EQ(damaged.load(), 0);
  arena.deallocate(arena.allocate(1), 1);
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

}  // namespace
