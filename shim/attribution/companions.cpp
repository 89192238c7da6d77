#include "shim/attribution/companions.hpp"

#include <atomic>
#include <cstdint>

namespace connarena::shim {
namespace {

/// A run of a group: each leads to the next, the last to the first.
struct member {
  std::atomic<const void*> run;  ///< null while the rest is written
  std::atomic<const void*> next;
  std::atomic<std::uint64_t> group;
  std::atomic<core::handle> owner;
};

// What is under way at once in a server that is busy, of three or four runs each.
constexpr unsigned slot_bits = 11;
constinit member members[std::size_t{1} << slot_bits];
constinit std::atomic<std::uint64_t> groups{0};

constexpr auto relaxed = std::memory_order_relaxed;

member& slot_of(const void* run) noexcept {
  // Runs start at multiples of a cache line; the product's upper bits mix all others.
  const std::uint64_t spread = reinterpret_cast<std::uintptr_t>(run) * 0x9E3779B97F4A7C15u;
  return members[spread >> (64 - slot_bits)];
}

/// A copy of a run's slot. False if that is another's, or being written.
struct member_copy {
  const void* next;
  std::uint64_t group;
  core::handle owner;
};
bool read(const member& from, const void* run, member_copy& to) noexcept {
  // acquire: pairs with the release in note_companions
  if (from.run.load(std::memory_order_acquire) != run) return false;
  to = {from.next.load(relaxed), from.group.load(relaxed), from.owner.load(relaxed)};
  // acquire: the copy comes before the second look
  std::atomic_thread_fence(std::memory_order_acquire);
  return from.run.load(relaxed) == run;
}

}  // namespace

void note_companions(const void* const* runs, std::size_t count, core::handle owner) noexcept {
  const std::uint64_t group = groups.fetch_add(1, relaxed) + 1;
  for (std::size_t i = 0; i < count; ++i) {
    member& slot = slot_of(runs[i]);
    slot.run.store(nullptr, relaxed);
    // release: who reads what follows finds no run, or the new one
    std::atomic_thread_fence(std::memory_order_release);
    slot.next.store(runs[(i + 1) % count], relaxed);
    slot.group.store(group, relaxed);
    slot.owner.store(owner, relaxed);
    // release: pairs with the acquire in read
    slot.run.store(runs[i], std::memory_order_release);
  }
}

void take_companions(core::handle arena, const void* run) noexcept {
  member_copy at{};
  if (!read(slot_of(run), run, at)) return;
  const std::uint64_t group = at.group;
  slot_of(run).run.store(nullptr, relaxed);
  for (std::size_t i = 1; i < most_companions && at.next != run; ++i) {
    const void* const next = at.next;
    if (!read(slot_of(next), next, at) || at.group != group) return;
    core::claim(arena, next, at.owner);
  }
}

}  // namespace connarena::shim
