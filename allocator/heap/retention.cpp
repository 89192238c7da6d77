#include "heap/retention.hpp"

#include <algorithm>

#include "heap/account.hpp"
#include "heap/threads.hpp"

namespace connarena::retention {
namespace {

// The caches of threads may hold half of the floor. The first threads get a quarter of
// what is left each, until a third is left: few threads cache much. Each further one
// gets 32 KiB, a run and a span of a short connection; below that it is not worth it.
constexpr std::int64_t share_of_what_is_left = 4;
constexpr std::int64_t share_of_later_threads = 3;
constexpr std::int64_t least_share_of_thread_bytes = 32 * kib;
// One shared write for some runs freed one by one. What is live only moves the bound by
// a 32nd.
constexpr std::int64_t quantum_bytes = 32 * kib;

void add(std::atomic<std::int64_t>& sum, std::int32_t batch::*part, std::int64_t bytes,
         std::int64_t quantum) noexcept {
  thread_slot& self = this_thread();
  if (!self.is_registered()) {
    sum.fetch_add(bytes, std::memory_order_relaxed);
    return;
  }
  std::int32_t& waiting = self.counts.*part;
  const std::int64_t all = waiting + bytes;
  if (all <= quantum && all >= -quantum) {
    waiting = static_cast<std::int32_t>(all);
    return;
  }
  sum.fetch_add(all, std::memory_order_relaxed);
  waiting = 0;
}

}  // namespace

constinit process_account account;

void add_cached(std::int64_t bytes) noexcept {
  add(account.cached, &batch::cached, bytes, quantum_bytes);
}
void add_in_lanes(std::int64_t bytes) noexcept {
  add(account.in_lanes, &batch::in_lanes, bytes, quantum_bytes);
}
void add_live(std::int64_t bytes) noexcept {
  add(account.live, &batch::live, bytes, live_quantum_bytes);
  const std::int64_t live = now(account.live);
  if (live > now(account.most_live)) account.most_live.store(live, std::memory_order_relaxed);
}

std::int64_t live_and_retained_bytes() noexcept {
  return live_now() + std::max<std::int64_t>(held_now(), 0);
}

void set_floor(std::size_t bytes) noexcept {
  // More than there are addresses, and sums with it stay numbers.
  constexpr std::size_t most_floor_bytes = std::size_t{1} << 48;
  account.floor.store(std::min(bytes, most_floor_bytes), std::memory_order_relaxed);
}

void divide_floor(std::uint32_t parts) noexcept {
  account.floor.store(account.floor.load(std::memory_order_relaxed) / parts,
                      std::memory_order_relaxed);
}

std::uint32_t take_thread_share() noexcept {
  const auto all = static_cast<std::int64_t>(account.floor.load(std::memory_order_relaxed) / 2);
  const std::int64_t left = all - now(account.in_threads);
  const bool is_early = left > all / share_of_later_threads;
  const std::int64_t share =
      std::max(is_early ? left / share_of_what_is_left : 0, least_share_of_thread_bytes);
  if (share > left) return 0;
  account.in_threads.fetch_add(share, std::memory_order_relaxed);
  return static_cast<std::uint32_t>(share);
}

void give_thread_share(std::uint32_t bytes) noexcept {
  account.in_threads.fetch_sub(bytes, std::memory_order_relaxed);
}

void count_described(std::int64_t units) noexcept {
  account.described_units.fetch_add(units, std::memory_order_relaxed);
}

void flush(batch& of_thread) noexcept {
  account.cached.fetch_add(of_thread.cached, std::memory_order_relaxed);
  account.in_lanes.fetch_add(of_thread.in_lanes, std::memory_order_relaxed);
  account.live.fetch_add(of_thread.live, std::memory_order_relaxed);
  of_thread = {};
}

}  // namespace connarena::retention
