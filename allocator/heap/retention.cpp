#include "heap/retention.hpp"

#include <algorithm>
#include <atomic>

#include "base/units.hpp"
#include "heap/page_heap.hpp"
#include "heap/page_infos.hpp"
#include "heap/region.hpp"
#include "heap/threads.hpp"

namespace connarena::retention {
namespace {

constexpr std::size_t default_floor_bytes = 8 * mib;
constexpr std::int64_t live_fraction = 32;
constexpr std::int64_t excess_fraction = 128;
constexpr std::int64_t least_share_bytes = 64 * kib;
// The caches of threads may hold half of the floor. The first threads get a quarter of
// what is left each, until a third is left: few threads cache much. Each further one
// gets 32 KiB, a run and a span of a short connection; below that it is not worth it.
constexpr std::int64_t share_of_what_is_left = 4;
constexpr std::int64_t share_of_later_threads = 3;
constexpr std::int64_t least_share_of_thread_bytes = 32 * kib;
// One shared write for some pages freed one by one. What is live only moves the bound by
// a 32nd.
constexpr std::int64_t quantum_bytes = 32 * kib;
// For what batches and sweeps that are not due yet may hide.
constexpr std::int64_t set_aside_16ths = 2;
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

count cached;
count in_lanes;
count live;
std::atomic<bool> may_exceed_at_work{false};
std::atomic<std::int64_t> most_live{0};   ///< since the program was last idle
std::atomic<std::int64_t> in_threads{0};  ///< what the caches of threads may hold
std::atomic<std::int64_t> described_units{0};
std::atomic<std::int64_t> floor_bytes{default_floor_bytes};

/// The floor without what threads may hide.
std::int64_t usable_floor() noexcept {
  const std::int64_t floor = floor_bytes.load(std::memory_order_relaxed);
  // They never go back; they take up to a quarter of the floor.
  const std::int64_t tables = described_units.load(std::memory_order_relaxed) * table_bytes_a_unit;
  return floor - floor * set_aside_16ths / 16 - in_threads.load(std::memory_order_relaxed) -
         std::min(tables, floor / 4);
}

std::int64_t excess(std::int64_t held, std::int64_t bound) noexcept {
  return held <= bound ? 0 : held - bound + bound / 4;
}

std::int64_t live_now() noexcept { return std::max<std::int64_t>(live.now(), 0); }
std::int64_t held_now() noexcept {
  return cached.now() + std::max<std::int64_t>(in_lanes.now(), 0);
}
std::int64_t strict_bound() noexcept { return usable_floor() + live_now() / live_fraction; }

}  // namespace

void add_cached(std::int64_t bytes) noexcept { cached.add(&batch::cached, bytes, quantum_bytes); }
void add_in_lanes(std::int64_t bytes) noexcept {
  in_lanes.add(&batch::in_lanes, bytes, quantum_bytes);
}
void add_live(std::int64_t bytes) noexcept {
  live.add(&batch::live, bytes, live_quantum_bytes);
  const std::int64_t now = live.now();
  if (now > most_live.load(std::memory_order_relaxed)) {
    most_live.store(now, std::memory_order_relaxed);
  }
}

std::int64_t live_and_retained_bytes() noexcept {
  return live_now() + std::max<std::int64_t>(held_now(), 0);
}

std::int64_t excess_in_lanes() noexcept { return excess(in_lanes.now(), usable_floor()); }

void enforce() noexcept {
  std::int64_t bound = strict_bound();
  std::int64_t step = bound / 4;
  if (may_exceed_at_work.load(std::memory_order_relaxed)) {
    const std::int64_t most = most_live.load(std::memory_order_relaxed);
    bound = std::max(bound, most + most / 8 - live_now());
    step = std::max(step, most / 32);
  }
  const std::int64_t over = held_now() - bound;
  if (over > 0) purge_cached(static_cast<std::uint64_t>(over + step));
}

void allow_excess_at_work() noexcept {
  if (!may_exceed_at_work.load(std::memory_order_relaxed)) {
    may_exceed_at_work.store(true, std::memory_order_relaxed);
  }
}

bool has_excess() noexcept { return held_now() > strict_bound(); }

bool return_excess(std::int64_t most_bytes) noexcept {
  const std::int64_t bytes = std::min(excess(held_now(), strict_bound()), most_bytes);
  if (bytes <= 0) return false;
  const auto gone = static_cast<std::int64_t>(purge_cached(static_cast<std::uint64_t>(bytes)));
  const std::int64_t most = most_live.load(std::memory_order_relaxed);
  most_live.store(std::max(live_now(), most - gone), std::memory_order_relaxed);
  return gone != 0;
}

std::int64_t share_of_excess() noexcept {
  return std::max((held_now() - strict_bound()) / excess_fraction, least_share_bytes);
}

void set_floor(std::size_t bytes) noexcept {
  floor_bytes.store(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
}

std::uint32_t take_thread_share() noexcept {
  const std::int64_t all = floor_bytes.load(std::memory_order_relaxed) / 2;
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
  cached.total.fetch_add(of_thread.cached, std::memory_order_relaxed);
  in_lanes.total.fetch_add(of_thread.in_lanes, std::memory_order_relaxed);
  live.total.fetch_add(of_thread.live, std::memory_order_relaxed);
  of_thread = {};
}

}  // namespace connarena::retention
