#include "arena/lane/charge.hpp"

#include "heap/lane_table.hpp"

namespace connarena {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

/// By the arena's first lane. Of one whose charge has no such flag it is an earlier arena's.
constinit lane_table<std::atomic<std::uint64_t>> soft_limits{};

std::uint64_t bytes_in(std::uint64_t word) noexcept { return word & ~charge_flag::all; }

std::uint64_t room_under_limit(const lane& first, std::uint64_t charged) noexcept {
  const std::uint64_t most = bytes_of_quarters(first.limit_quarters);
  return most - std::min(charged, most);
}

/// The flags of a charge that has changed.
std::uint64_t with_soft_limit(const lane& first, std::uint64_t word) noexcept {
  if ((word & charge_flag::has_soft) == 0) [[likely]]
    return word;
  const bool is_above = bytes_in(word) > soft_limits.find(first.index)->load(relaxed);
  if (!is_above) return word & ~charge_flag::above_soft;
  if ((word & charge_flag::above_soft) != 0) return word;
  return word | charge_flag::above_soft | charge_flag::notice;
}

void change(lane& first, std::uint64_t flags_gone, std::uint64_t flags_come) noexcept {
  std::uint64_t word = first.charge.load(relaxed);
  // release: who finds the flag finds the limit
  while (!first.charge.compare_exchange_weak(
      word, with_soft_limit(first, (word & ~flags_gone) | flags_come), std::memory_order_release,
      relaxed)) {
  }
}

/// acquire: pairs with the release in change.
std::uint64_t charge_of(const lane& first) noexcept {
  return first.charge.load(std::memory_order_acquire);
}

}  // namespace

// Without a step above the limit: whoever fails makes nobody else fail.
bool detail::charge(lane& first, std::uint64_t bytes) noexcept {
  constexpr auto acquire = std::memory_order_acquire;
  std::uint64_t word = charge_of(first);
  do {
    if (bytes > room_under_limit(first, bytes_in(word))) return false;
  } while (
      !first.charge.compare_exchange_weak(word, with_soft_limit(first, word + bytes), acquire));
  return true;
}

void charge_in_any_case(lane& first, std::uint64_t bytes) noexcept {
  constexpr auto acquire = std::memory_order_acquire;
  std::uint64_t word = charge_of(first);
  while (!first.charge.compare_exchange_weak(word, with_soft_limit(first, word + bytes), acquire)) {
  }
}

void detail::discharge(lane& first, std::uint64_t bytes) noexcept {
  charge_in_any_case(first, 0 - bytes);
}

bool is_within_limit(const lane& in, std::uint64_t bytes) noexcept {
  if (!has_limit(in)) return true;
  const lane& first = lane_at(in.first_lane);
  return bytes <= room_under_limit(first, charged_bytes(first));
}

void begin_charge(lane& first, std::uint64_t held_bytes) noexcept {
  first.charge.store(held_bytes, relaxed);
  first.run_quarters_below_peak = 0;
  const std::uint32_t second = first.second.load(relaxed);
  if (second != 0) lane_at(second).limit_quarters = most_limit;
  first.limit_quarters = most_limit;
}

void correct_charge(lane& first, std::uint64_t held_bytes) noexcept {
  const std::uint64_t word = first.charge.load(relaxed);
  // What nobody was changing is not written: its page may be shared with the parent.
  if (bytes_in(word) == held_bytes) return;
  first.charge.store(with_soft_limit(first, (word & charge_flag::all) | held_bytes), relaxed);
}

bool begin_soft_limit(lane& first, std::uint64_t bytes) noexcept {
  std::atomic<std::uint64_t>* const soft = soft_limits.make(first.index);
  if (soft == nullptr) return false;
  soft->store(bytes, relaxed);
  change(first, charge_flag::above_soft | charge_flag::notice, charge_flag::has_soft);
  return true;
}

void end_soft_limit(lane& first) noexcept { change(first, charge_flag::all, 0); }

bool take_notice(lane& first) noexcept {
  return (first.charge.fetch_and(~charge_flag::notice, relaxed) & charge_flag::notice) != 0;
}

}  // namespace connarena
