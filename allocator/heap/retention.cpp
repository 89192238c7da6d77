#include "heap/retention.hpp"

#include <atomic>

#include "base/units.hpp"
#include "heap/page_heap.hpp"
#include "heap/threads.hpp"

namespace connarena::retention {
namespace {

constexpr std::size_t default_floor_bytes = 8 * mib;
constexpr std::int64_t live_fraction = 32;
// A thread's cache may hold a 32nd of the floor; 16 threads then hold half.
constexpr std::int64_t cache_fraction = 32;
// 32 KiB: one shared write for some pages freed one by one.
constexpr std::int32_t quantum_pages = 8;
// What batches and sweeps that are not due yet may hide is set aside.
constexpr std::int64_t hidden_fraction = 16;

std::atomic<std::int64_t> retained{0};
std::atomic<std::int64_t> live{0};
std::atomic<std::int64_t> caching_threads{0};
std::atomic<std::int64_t> floor_pages{default_floor_bytes / page_bytes};

void add(std::atomic<std::int64_t>& total, std::int32_t thread_slot::*batch,
         std::int64_t pages) noexcept {
  thread_slot& self = this_thread();
  if (!self.is_registered() || pages > quantum_pages || pages < -quantum_pages) {
    total.fetch_add(pages, std::memory_order_relaxed);
    return;
  }
  self.*batch += static_cast<std::int32_t>(pages);
  if (self.*batch > quantum_pages || self.*batch < -quantum_pages) {
    total.fetch_add(self.*batch, std::memory_order_relaxed);
    self.*batch = 0;
  }
}

}  // namespace

void add_retained(std::int64_t pages) noexcept { add(retained, &thread_slot::retained_batch, pages); }
void add_live(std::int64_t pages) noexcept { add(live, &thread_slot::live_batch, pages); }

std::int64_t excess_pages() noexcept {
  const std::int64_t floor = floor_pages.load(std::memory_order_relaxed);
  const std::int64_t cached =
      caching_threads.load(std::memory_order_relaxed) * (floor / cache_fraction);
  const std::int64_t live_now = live.load(std::memory_order_relaxed);
  const std::int64_t bound = floor - floor / hidden_fraction - cached +
                             (live_now > 0 ? live_now / live_fraction : 0);
  const std::int64_t held = retained.load(std::memory_order_relaxed);
  return held <= bound ? 0 : held - bound + bound / 4;
}

bool enforce() noexcept {
  const std::int64_t excess = excess_pages();
  if (excess <= 0) return true;
  return purge_cached(static_cast<std::uint64_t>(excess)) >= static_cast<std::uint64_t>(excess) ||
         excess_pages() <= 0;
}

void set_floor(std::size_t bytes) noexcept {
  floor_pages.store(static_cast<std::int64_t>(bytes / page_bytes), std::memory_order_relaxed);
}

std::uint32_t sweep_worth_pages() noexcept {
  return static_cast<std::uint32_t>(floor_pages.load(std::memory_order_relaxed) /
                                    (4 * hidden_fraction));
}

std::uint32_t thread_cache_pages() noexcept {
  return static_cast<std::uint32_t>(floor_pages.load(std::memory_order_relaxed) / cache_fraction);
}

void count_caching_thread(int change) noexcept {
  caching_threads.fetch_add(change, std::memory_order_relaxed);
}

void flush(std::int32_t& retained_batch, std::int32_t& live_batch) noexcept {
  retained.fetch_add(retained_batch, std::memory_order_relaxed);
  live.fetch_add(live_batch, std::memory_order_relaxed);
  retained_batch = 0;
  live_batch = 0;
}

}  // namespace connarena::retention
