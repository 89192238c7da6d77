#include "arena/lane/charge.hpp"

#include "arena/lane/watch.hpp"
#include "heap/lane_table.hpp"

namespace connarena {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

/// By the arena's first lane. Of one whose charge has no such flag it is an earlier arena's.
constinit lane_table<std::atomic<std::uint64_t>> soft_limits{};

bool has(std::uint64_t word, std::uint64_t flags) noexcept { return (word & flags) == flags; }

/// Whether an arena counts for the total of those that are watched.
bool counts(std::uint64_t word) noexcept {
  return has(word, charge_flag::watched) && !has(word, charge_flag::excused);
}

/// Whether what each watched arena may hold is a limit for this one.
bool is_bounded(std::uint64_t word) noexcept {
  return counts(word) && !has(word, charge_flag::exempt);
}

std::uint64_t most_bytes(const lane& first, std::uint64_t word) noexcept {
  const std::uint64_t most = bytes_of_quarters(first.limit_quarters);
  if (!is_bounded(word) || !watch::all.refuses.load(relaxed)) return most;
  return std::min(most, watch::all.most_of_one.load(relaxed));
}

std::uint64_t room_under_limit(const lane& first, std::uint64_t word) noexcept {
  const std::uint64_t most = most_bytes(first, word);
  return most - std::min(charged_in(word), most);
}

/// The flags of a charge that has changed.
std::uint64_t with_soft_limit(const lane& first, std::uint64_t word) noexcept {
  if (!has(word, charge_flag::has_soft)) [[likely]]
    return word;
  const bool is_above = charged_in(word) > soft_limits.find(first.index)->load(relaxed);
  if (!is_above) return word & ~charge_flag::above_soft;
  if (has(word, charge_flag::above_soft)) return word;
  return word | charge_flag::above_soft | charge_flag::notice;
}

/// acquire: pairs with the release in change, of any later charge too.
std::uint64_t charge_of(const lane& first) noexcept {
  return first.charge.load(std::memory_order_acquire);
}
bool replace(lane& first, std::uint64_t& word, std::uint64_t by) noexcept {
  return first.charge.compare_exchange_weak(word, by, std::memory_order_acq_rel,
                                            std::memory_order_acquire);
}

void change(lane& first, std::uint64_t flags_gone, std::uint64_t flags_come) noexcept {
  std::uint64_t word = charge_of(first);
  while (!replace(first, word, with_soft_limit(first, (word & ~flags_gone) | flags_come))) {
  }
}

/// Of an arena whose charge was `before`, and has changed by so much.
void note_change(lane& first, std::uint64_t before, std::uint64_t bytes) noexcept {
  if (!counts(before)) return;
  const std::uint64_t held = watch::all.held.fetch_add(bytes, relaxed) + bytes;
  const bool is_more = static_cast<std::int64_t>(bytes) > 0;
  const bool is_over =
      charged_in(before) + bytes > watch::all.most_of_one.load(relaxed) && is_bounded(before);
  if (is_more && (is_over || held > watch::all.most_of_all.load(relaxed))) {
    first.charge.fetch_or(charge_flag::over, relaxed);
  }
}

}  // namespace

// Without a step above the limit: whoever fails makes nobody else fail.
bool detail::charge(lane& first, std::uint64_t bytes) noexcept {
  std::uint64_t word = charge_of(first);
  do {
    if (bytes > room_under_limit(first, word)) return false;
  } while (!replace(first, word, with_soft_limit(first, word + bytes)));
  note_change(first, word, bytes);
  return true;
}

void charge_in_any_case(lane& first, std::uint64_t bytes) noexcept {
  std::uint64_t word = charge_of(first);
  while (!replace(first, word, with_soft_limit(first, word + bytes))) {
  }
  note_change(first, word, bytes);
}

void detail::discharge(lane& first, std::uint64_t bytes) noexcept {
  charge_in_any_case(first, 0 - bytes);
}

bool is_within_limit(const lane& in, std::uint64_t bytes) noexcept {
  if (!has_limit(in)) return true;
  const lane& first = lane_at(in.first_lane);
  return bytes <= room_under_limit(first, first.charge.load(relaxed));
}

std::uint64_t limit_bytes(const lane& in) noexcept {
  const lane& first = lane_at(in.first_lane);
  return has_limit(first) ? most_bytes(first, first.charge.load(relaxed)) : watch::unlimited;
}

void begin_charge(lane& first, std::uint64_t held_bytes) noexcept {
  first.charge.store(held_bytes, relaxed);
  first.noted_run_quarters = 0;
  const std::uint32_t second = first.second.load(relaxed);
  if (second != 0) lane_at(second).limit_quarters = most_limit;
  first.limit_quarters = most_limit;
}

void end_charge(lane& first) noexcept {
  if (!has_limit(first)) return;
  const std::uint64_t word = first.charge.exchange(0, relaxed);
  if (counts(word)) watch::all.held.fetch_sub(charged_in(word), relaxed);
}

void begin_watch(lane& first, std::uint64_t flags) noexcept {
  const std::uint64_t before = first.charge.fetch_or(charge_flag::watched | flags, relaxed);
  if (!has(before, charge_flag::watched)) {
    watch::all.held.fetch_add(charged_in(before), relaxed);
  }
}

void excuse(lane& first) noexcept {
  const std::uint64_t before = first.charge.fetch_or(charge_flag::excused, relaxed);
  if (counts(before)) watch::all.held.fetch_sub(charged_in(before), relaxed);
}

void correct_charge(lane& first, std::uint64_t held_bytes) noexcept {
  const std::uint64_t word = first.charge.load(relaxed);
  if (counts(word)) watch::all.held.fetch_add(held_bytes, relaxed);
  // What nobody was changing is not written: its page may be shared with the parent.
  if (charged_in(word) == held_bytes) return;
  first.charge.store(with_soft_limit(first, (word & charge_flag::all) | held_bytes), relaxed);
}

bool begin_soft_limit(lane& first, std::uint64_t bytes) noexcept {
  std::atomic<std::uint64_t>* const soft = soft_limits.make(first.index);
  if (soft == nullptr) return false;
  soft->store(bytes, relaxed);
  change(first, charge_flag::above_soft | charge_flag::notice, charge_flag::has_soft);
  return true;
}

void end_soft_limit(lane& first) noexcept {
  change(first, charge_flag::has_soft | charge_flag::above_soft | charge_flag::notice, 0);
}

std::uint64_t take_notices(lane& first) noexcept {
  return first.charge.fetch_and(~charge_flag::notices, relaxed) & charge_flag::notices;
}

}  // namespace connarena
