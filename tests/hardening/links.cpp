#include "hardening/links.hpp"

#include <cstdint>
#include <cstring>
#include <vector>

#include "hardening/arenas.hpp"

namespace hardening {
namespace {

bool is_zero(const void* block, std::size_t bytes) {
  const volatile auto* const at = static_cast<const volatile unsigned char*>(block);
  for (std::size_t i = 0; i < bytes; ++i) {
    if (at[i] != 0) return false;
  }
  return true;
}

/// A freed block is taken again.
template <typename Arena>
finding in_next_block() {
  Arena a;
  for (const std::size_t bytes : {16u, 64u, 320u, 1000u, 3000u}) {
    void* const first = a.take(bytes);
    void* const second = a.take(bytes);
    std::memset(first, 0, bytes);
    std::memset(second, 0, bytes);
    a.give(first, bytes);
    a.give(second, bytes);
    for (int i = 0; i < 2; ++i) {
      if (!is_zero(a.take(bytes), bytes)) return finding::secret;
    }
  }
  return finding::nothing;
}

/// Many freed blocks become few larger ones.
template <typename Arena>
finding in_joined_blocks() {
  constexpr std::size_t count = 20'000;
  Arena a;
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < count; ++i) {
    blocks.push_back(a.take(32));
    std::memset(blocks.back(), 0, 32);
  }
  void* const last = a.take(32);
  for (void* const each : blocks) a.give(each, 32);
  bool found = false;
  for (std::size_t i = 0; i < count * 32 / 2048; ++i) found |= !is_zero(a.take(2000), 2000);
  a.give(last, 32);
  return found ? finding::secret : finding::nothing;
}

std::uint64_t word_of(const void* freed) {
  return *static_cast<const volatile std::uint64_t*>(freed);
}
std::uint64_t address_of(const void* block) { return reinterpret_cast<std::uintptr_t>(block); }

/// By one who reads and writes its own freed blocks.
template <typename Arena>
finding to_another_arena() {
  Arena victim;
  Arena attacker;
  void* const aim = victim.take(64);
  void* const last = attacker.take(64);
  void* const first = attacker.take(64);
  victim.give(aim, 64);
  attacker.give(last, 64);
  attacker.give(first, 64);
  // The last link is 0, and both have the same key.
  const std::uint64_t granule =
      word_of(first) ^ word_of(last) ^ address_of(first) ^ address_of(last);
  const std::uint64_t wanted = granule + (address_of(aim) - address_of(last)) / 16;
  *static_cast<volatile std::uint64_t*>(first) = word_of(first) ^ granule ^ wanted;
  for (int i = 0; i < 2; ++i) {
    if (attacker.take(64) == aim) return finding::secret;
  }
  return finding::nothing;
}

constexpr way readable[] = {
    {"link_in_next_block_arena", in_next_block<one_thread>},
    {"link_in_next_block_synchronized_arena", in_next_block<any_thread>},
    {"link_in_next_block_c", in_next_block<c_arena>},
    {"link_in_joined_blocks_arena", in_joined_blocks<one_thread>},
    {"link_in_joined_blocks_synchronized_arena", in_joined_blocks<any_thread>},
    {"link_in_joined_blocks_c", in_joined_blocks<c_arena>},
};

constexpr way forged[] = {
    {"forged_link_arena", to_another_arena<one_thread>},
    {"forged_link_synchronized_arena", to_another_arena<any_thread>},
    {"forged_link_c", to_another_arena<c_arena>},
};

}  // namespace

std::span<const way> readable_links() { return readable; }
std::span<const way> forged_links() { return forged; }

}  // namespace hardening
