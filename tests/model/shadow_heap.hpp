// shadow_heap.hpp - the reference that an arena is compared with: which blocks
// are alive, where, how large, and what they hold.
//
// Invariant: live extents never overlap. A violation is a failed assertion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>

namespace model {

struct shadow_block {
  std::size_t bytes;
  std::size_t alignment;
  std::uint64_t contents;  ///< seed of the pattern it holds
};

class shadow_heap {
 public:
  using blocks = std::map<std::uintptr_t, shadow_block>;

  [[nodiscard]] bool empty() const { return blocks_.empty(); }
  [[nodiscard]] std::size_t size() const { return blocks_.size(); }
  [[nodiscard]] const blocks& all() const { return blocks_; }

  /// Records a new block, checks its place and fills it.
  void add(void* at, std::size_t bytes, std::size_t alignment, std::uint64_t contents);
  /// Checks a block's contents and forgets it.
  void remove(blocks::const_iterator which);
  /// Forgets a block that realloc moved or kept, checks what it kept, records the new one.
  void resized(blocks::const_iterator which, void* at, std::size_t bytes, std::uint64_t contents);
  void clear() { blocks_.clear(); }
  void check_all() const;

  /// A block by chance. Pre: !empty().
  [[nodiscard]] blocks::const_iterator pick(std::mt19937_64& random) const;

 private:
  blocks blocks_;
};

/// Sizes as network programs ask for them: mostly small, some buffers, few huge.
[[nodiscard]] std::size_t random_size(std::mt19937_64& random);
[[nodiscard]] std::size_t random_alignment(std::mt19937_64& random);

}  // namespace model
