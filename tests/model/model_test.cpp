// Random operations on each arena against the reference.
#include <list>

#include "arena/check_all.hpp"
#include "harness/arenas.hpp"
#include "harness/pattern.hpp"
#include "harness/random_seed.hpp"
#include "model/shadow_heap.hpp"

namespace {

using model::random_alignment;
using model::random_size;
using model::shadow_heap;

constexpr std::size_t most_blocks = 2000;
constexpr int operations = 60000;
constexpr int operations_a_check = 500;

void check_after(int operation) {
  if (operation % operations_a_check == 0) connarena::check_all(connarena::others::are_still);
}

template <typename Arena>
class model_of : public ::testing::Test {};
TYPED_TEST_SUITE(model_of, harness::all_arenas);

template <typename Arena>
void step(Arena& arena, shadow_heap& reference, std::mt19937_64& random) {
  if (random() % 20000 == 0) {
    arena.release();
    reference.clear();
  } else if (reference.size() < random() % most_blocks + 1) {
    const std::size_t bytes = random_size(random);
    const std::size_t alignment = random_alignment(random);
    reference.add(arena.allocate(bytes, alignment), bytes, alignment, random());
  } else {
    const auto chosen = reference.pick(random);
    void* at = reinterpret_cast<void*>(chosen->first);
    const model::shadow_block block = chosen->second;
    reference.remove(chosen);
    arena.deallocate(at, block.bytes, block.alignment);
  }
}

TYPED_TEST(model_of, random_operations_agree_with_the_reference) {
  std::mt19937_64 random(harness::random_seed());
  TypeParam arena;
  shadow_heap reference;
  for (int i = 0; i < operations && !this->HasFatalFailure(); ++i) {
    step(arena, reference, random);
    check_after(i);
  }
  reference.check_all();
  while (!reference.empty() && !this->HasFatalFailure()) {
    const auto chosen = reference.all().begin();
    void* at = reinterpret_cast<void*>(chosen->first);
    const model::shadow_block block = chosen->second;
    reference.remove(chosen);
    arena.deallocate(at, block.bytes, block.alignment);
  }
  check_after(0);
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

/// Connections that come and go over the C API, all in one reference: a
/// survivor of one must never meet a block of another.
class connections {
 public:
  explicit connections(std::uint64_t seed) : random_(seed) {}
  ~connections() {
    for (const auto& [at, block] : reference_.all()) connarena_free(reinterpret_cast<void*>(at));
    for (const connarena_t arena : open_) connarena_destroy(arena);
  }

  void step() {
    const std::uint64_t kind = random_() % 100;
    if (open_.empty() || (kind < 2 && open_.size() < 50)) {
      open_.push_back(connarena_create(nullptr));
    } else if (kind < 4) {
      close_one();
    } else if (kind < 20 && !reference_.empty()) {
      resize_one();
    } else if (reference_.size() < random_() % most_blocks + 1) {
      allocate_one();
    } else {
      free_one();
    }
  }
  void check() const { reference_.check_all(); }

 private:
  [[nodiscard]] connarena_t any_open() { return open_[random_() % open_.size()]; }

  void close_one() {
    std::swap(open_[random_() % open_.size()], open_.back());
    ASSERT_EQ(connarena_close(open_.back()), 0);
    open_.pop_back();
  }
  void allocate_one() {
    const std::size_t bytes = random_size(random_);
    if (random_() % 4 == 0) {
      void* at = connarena_calloc(any_open(), 1, bytes);
      ASSERT_TRUE(harness::is_zero(at, bytes)) << bytes;
      reference_.add(at, bytes, 16, random_());
      return;
    }
    const std::size_t alignment = random_alignment(random_);
    void* at = connarena_aligned_alloc(any_open(), alignment, bytes);
    ASSERT_GE(connarena_usable_size(at), bytes);
    reference_.add(at, bytes, alignment, random_());
  }
  void resize_one() {
    const auto chosen = reference_.pick(random_);
    const std::size_t bytes = random_size(random_) + 1;
    void* at = connarena_realloc(any_open(), reinterpret_cast<void*>(chosen->first), bytes);
    reference_.resized(chosen, at, bytes, random_());
  }
  void free_one() {
    const auto chosen = reference_.pick(random_);
    void* at = reinterpret_cast<void*>(chosen->first);
    reference_.remove(chosen);
    connarena_free(at);
  }

  std::mt19937_64 random_;
  std::vector<connarena_t> open_;
  shadow_heap reference_;
};

TEST(model_of_connections, closing_with_survivors_agrees_with_the_reference) {
  connections all(harness::random_seed());
  for (int i = 0; i < 2 * operations && !::testing::Test::HasFatalFailure(); ++i) {
    all.step();
    check_after(i);
  }
  all.check();
}

}  // namespace
