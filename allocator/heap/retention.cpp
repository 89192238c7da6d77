#include "heap/retention.hpp"

#include <algorithm>
#include <atomic>

#include "base/beside.hpp"
#include "base/units.hpp"
#include "heap/page_infos.hpp"
#include "heap/shelf_account.hpp"
#include "heap/threads.hpp"

namespace connarena::retention {
namespace {

constexpr std::int64_t live_fraction = 32;
// A program that fills what it has just freed takes a few seconds for it.
constexpr std::int64_t epochs_expected = 16;
// The caches of threads may hold half of the floor. The first threads get a quarter of
// what is left each, until a third is left: few threads cache much. Each further one
// gets 32 KiB, a run and a span of a short connection; below that it is not worth it.
constexpr std::int64_t share_of_what_is_left = 4;
constexpr std::int64_t share_of_later_threads = 3;
constexpr std::int64_t least_share_of_thread_bytes = 32 * kib;
// One shared write for some runs freed one by one; all threads together hide at most
// as much as 2 MiB.
constexpr std::int64_t most_quantum_bytes = 32 * kib;
constexpr std::int64_t most_hidden_bytes = 2 * mib;
// For sweeps that are not due yet.
constexpr std::size_t set_aside_16ths = 2;
// What arenas for one thread may keep where nobody else can return it.
constexpr std::int64_t own_lanes_fraction = 2;
constexpr std::int64_t table_bytes_a_unit = sizeof(page_info) + sizeof(std::uint32_t);

struct count {
  std::atomic<std::int64_t> total{0};

  void add(std::int32_t batch::*part, std::int64_t bytes, std::int64_t quantum) noexcept {
    thread_slot& self = this_thread();
    if (!self.is_registered()) {
      total.fetch_add(bytes, std::memory_order_relaxed);
      return;
    }
    std::int32_t& waiting = self.counts.*part;
    const std::int64_t sum = waiting + bytes;
    if (sum <= quantum && sum >= -quantum) {
      waiting = static_cast<std::int32_t>(sum);
      return;
    }
    total.fetch_add(sum, std::memory_order_relaxed);
    waiting = 0;
  }
  [[nodiscard]] std::int64_t now() const noexcept { return total.load(std::memory_order_relaxed); }
};

count in_own_lanes;
count in_shared_lanes;
count live;
std::atomic<std::int64_t> most_live_now{0};     ///< in this epoch
std::atomic<std::int64_t> most_live_before{0};  ///< in the one before
std::atomic<std::int64_t> most_certain_now{0};  ///< the same for certain
std::atomic<std::int64_t> most_certain_before{0};
std::atomic<std::int64_t> expected{0};  ///< to be live soon after the last epoch
// written by who ends an epoch
std::int64_t live_at_end = 0;   ///< of the last one
std::int64_t earlier_most = 0;  ///< live: forgotten bit by bit while it does not grow
std::atomic<std::int64_t> idle_slabs{0};
std::atomic<std::int64_t> in_threads{0};       ///< what the caches of threads may hold
std::atomic<std::int64_t> described_units{0};  ///< of whatever size
std::atomic<std::size_t> floor_bytes{8 * mib};

void raise(std::atomic<std::int64_t>& most, std::int64_t to) noexcept {
  if (to > most.load(std::memory_order_relaxed)) most.store(to, std::memory_order_relaxed);
}

/// None where the floor has become less than what threads got a share of.
std::int64_t usable_floor() noexcept {
  const std::size_t floor = floor_bytes.load(std::memory_order_relaxed);
  // They never go back; they take up to a quarter of the floor.
  const std::int64_t tables = described_units.load(std::memory_order_relaxed) * table_bytes_a_unit;
  const std::int64_t usable = static_cast<std::int64_t>(floor - floor * set_aside_16ths / 16) -
                              in_threads.load(std::memory_order_relaxed) -
                              std::min(tables, static_cast<std::int64_t>(floor / 4));
  return std::max<std::int64_t>(usable, 0);
}

amounts without_batches() noexcept {
  const std::int64_t shelved = told_shelved_bytes();
  return {live.now() - shelved, shelved, idle_slabs.load(std::memory_order_relaxed),
          in_own_lanes.now(), in_shared_lanes.now()};
}

amounts none_negative(const amounts& now) noexcept {
  return {std::max<std::int64_t>(now.live, 0), now.shelved, now.in_slabs,
          std::max<std::int64_t>(now.in_own_lanes, 0),
          std::max<std::int64_t>(now.in_shared_lanes, 0)};
}

}  // namespace

constinit std::atomic<std::int64_t> detail::lane_quantum_bytes{most_quantum_bytes};

void add_in_lanes(std::int64_t bytes, bool any_thread) noexcept {
  const std::int64_t quantum_bytes = detail::lane_quantum_bytes.load(std::memory_order_relaxed);
  if (any_thread) return in_shared_lanes.add(&batch::in_shared_lanes, bytes, quantum_bytes);
  in_own_lanes.add(&batch::in_own_lanes, bytes, quantum_bytes);
}
void add_live(std::int64_t bytes) noexcept {
  live.add(&batch::live, bytes, live_quantum_bytes);
  note_most_live();
  raise(most_certain_now, live.now() - told_shelved_bytes());
}
void add_idle_slabs(std::int64_t bytes) noexcept {
  idle_slabs.fetch_add(bytes, std::memory_order_relaxed);
}

amounts estimate() noexcept { return none_negative(without_batches()); }

namespace {
/// With every thread's batch; read beside work it may be negative.
amounts with_batches() noexcept {
  amounts sum = without_batches();
  const auto shelved = static_cast<std::int64_t>(shelved_bytes());
  sum.live += sum.shelved - shelved;
  sum.shelved = shelved;
  for_each_thread([&sum](const thread_slot& each) {
    sum.live += read_beside(each.counts.live) - std::int64_t{read_beside(each.cached_bytes)};
    sum.in_own_lanes += read_beside(each.counts.in_own_lanes);
    sum.in_shared_lanes += read_beside(each.counts.in_shared_lanes);
  });
  return sum;
}
}  // namespace

amounts exact() noexcept { return none_negative(with_batches()); }

std::int64_t most_live() noexcept {
  return std::max(most_live_now.load(std::memory_order_relaxed),
                  most_live_before.load(std::memory_order_relaxed));
}

void note_most_live() noexcept { raise(most_live_now, live.now() - least_shelved_bytes()); }

std::int64_t most_live_for_certain() noexcept {
  return std::max(most_certain_now.load(std::memory_order_relaxed),
                  most_certain_before.load(std::memory_order_relaxed));
}

void note_certainly_live(std::int64_t bytes) noexcept { raise(most_certain_now, bytes); }

std::int64_t expected_live() noexcept { return expected.load(std::memory_order_relaxed); }

namespace {
/// Grown on as in the epoch that ends, but no further than it was of late.
void expect(std::int64_t now) noexcept {
  const std::int64_t grown = now - live_at_end;
  live_at_end = now;
  if (grown <= 0) earlier_most -= (earlier_most - now) / epochs_expected;
  earlier_most = std::max(earlier_most, most_live_before.load(std::memory_order_relaxed));
  expected.store(grown > 0 ? std::min(now + grown * epochs_expected, earlier_most) : 0,
                 std::memory_order_relaxed);
}
}  // namespace

void end_epoch() noexcept {
  most_live_before.store(most_live_now.load(std::memory_order_relaxed), std::memory_order_relaxed);
  most_certain_before.store(most_certain_now.load(std::memory_order_relaxed),
                            std::memory_order_relaxed);
  const std::int64_t now = exact().live;
  expect(now);
  most_live_now.store(now, std::memory_order_relaxed);
  most_certain_now.store(now, std::memory_order_relaxed);
}

void correct(const amounts& seen) noexcept {
  const amounts counted = with_batches();
  live.total.fetch_add(seen.live - counted.live, std::memory_order_relaxed);
  in_own_lanes.total.fetch_add(seen.in_own_lanes - counted.in_own_lanes, std::memory_order_relaxed);
  in_shared_lanes.total.fetch_add(seen.in_shared_lanes - counted.in_shared_lanes,
                                  std::memory_order_relaxed);
}

std::int64_t strict_bound(const amounts& now) noexcept {
  return usable_floor() + now.live / live_fraction;
}

std::int64_t more_than_little_in_own_lanes() noexcept {
  return std::max<std::int64_t>(in_own_lanes.now() - usable_floor() / own_lanes_fraction / 2, 0);
}

std::int64_t excess_in_own_lanes() noexcept {
  const std::int64_t held = in_own_lanes.now();
  if (held <= 0) return 0;
  const std::int64_t bound = usable_floor() / own_lanes_fraction;
  return held <= bound ? 0 : held - bound + bound / 4;
}

void set_floor(std::size_t bytes) noexcept {
  // More than there are addresses, and sums with it stay numbers.
  constexpr std::size_t most_floor_bytes = std::size_t{1} << 48;
  floor_bytes.store(std::min(bytes, most_floor_bytes), std::memory_order_relaxed);
}

void divide_floor(std::uint32_t parts) noexcept {
  floor_bytes.store(floor_bytes.load(std::memory_order_relaxed) / parts, std::memory_order_relaxed);
}

std::uint32_t take_thread_share() noexcept {
  detail::lane_quantum_bytes.store(
      std::min(most_hidden_bytes / connarena::detail::slots_end(), most_quantum_bytes),
      std::memory_order_relaxed);
  const auto all = static_cast<std::int64_t>(floor_bytes.load(std::memory_order_relaxed) / 2);
  const std::int64_t left = all - in_threads.load(std::memory_order_relaxed);
  const bool is_early = left > all / share_of_later_threads;
  const std::int64_t share =
      std::max(is_early ? left / share_of_what_is_left : 0, least_share_of_thread_bytes);
  if (share > left) return 0;
  in_threads.fetch_add(share, std::memory_order_relaxed);
  return static_cast<std::uint32_t>(share);
}

void give_thread_share(std::uint32_t bytes) noexcept {
  in_threads.fetch_sub(bytes, std::memory_order_relaxed);
}

void count_described(std::int64_t units) noexcept {
  described_units.fetch_add(units, std::memory_order_relaxed);
}

void flush(batch& of_thread) noexcept {
  in_own_lanes.total.fetch_add(of_thread.in_own_lanes, std::memory_order_relaxed);
  in_shared_lanes.total.fetch_add(of_thread.in_shared_lanes, std::memory_order_relaxed);
  live.total.fetch_add(of_thread.live, std::memory_order_relaxed);
  of_thread = {};
}

}  // namespace connarena::retention
