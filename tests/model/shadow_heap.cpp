#include "model/shadow_heap.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/pattern.hpp"

namespace model {

void shadow_heap::add(void* at, std::size_t bytes, std::size_t alignment, std::uint64_t contents) {
  ASSERT_NE(at, nullptr) << bytes << " bytes";
  const auto begin = reinterpret_cast<std::uintptr_t>(at);
  ASSERT_EQ(begin % alignment, 0u) << bytes << " bytes aligned to " << alignment;
  const auto next = blocks_.lower_bound(begin);
  if (next != blocks_.end()) {
    ASSERT_LE(begin + std::max<std::size_t>(bytes, 1), next->first) << "overlaps the next block";
  }
  if (next != blocks_.begin()) {
    const auto previous = std::prev(next);
    ASSERT_LE(previous->first + std::max<std::size_t>(previous->second.bytes, 1), begin)
        << "overlaps the previous block";
  }
  blocks_.emplace(begin, shadow_block{bytes, alignment, contents});
  harness::write_pattern(at, bytes, contents);
}

void shadow_heap::remove(blocks::const_iterator which) {
  const shadow_block& block = which->second;
  ASSERT_TRUE(
      harness::holds_pattern(reinterpret_cast<void*>(which->first), block.bytes, block.contents))
      << block.bytes << " bytes changed";
  blocks_.erase(which);
}

void shadow_heap::resized(blocks::const_iterator which, void* at, std::size_t bytes,
                          std::uint64_t contents) {
  const shadow_block old = which->second;
  blocks_.erase(which);
  ASSERT_NE(at, nullptr);
  ASSERT_TRUE(harness::holds_pattern(at, std::min(old.bytes, bytes), old.bytes, old.contents))
      << old.bytes << " bytes resized to " << bytes;
  add(at, bytes, 16, contents);
}

void shadow_heap::check_all() const {
  for (const auto& [at, block] : blocks_) {
    ASSERT_TRUE(harness::holds_pattern(reinterpret_cast<void*>(at), block.bytes, block.contents))
        << block.bytes << " bytes changed";
  }
}

shadow_heap::blocks::const_iterator shadow_heap::pick(std::mt19937_64& random) const {
  const auto chosen = blocks_.lower_bound(
      blocks_.begin()->first + random() % (blocks_.rbegin()->first - blocks_.begin()->first + 1));
  return chosen;
}

std::size_t random_size(std::mt19937_64& random) {
  const std::uint64_t kind = random() % 100;
  if (kind < 60) return random() % 257;
  if (kind < 85) return random() % 4200;
  if (kind < 97) return random() % 70000;
  return random() % (std::size_t{3} << 20);
}

std::size_t random_alignment(std::mt19937_64& random) {
  return random() % 8 != 0 ? 16 : std::size_t{16} << random() % 10;
}

}  // namespace model
