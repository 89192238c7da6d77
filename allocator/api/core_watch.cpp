// core_watch.cpp - tells one who wants to know of the arenas that the program opens.
#include <atomic>

#include "api/core.hpp"
#include "arena/arenas.hpp"

namespace connarena::core {
namespace {

std::atomic<const arena_watcher*> watching{nullptr};

}  // namespace

void watch_arenas(const arena_watcher& watcher) noexcept {
  // release: pairs with the acquires below
  watching.store(&watcher, std::memory_order_release);
}

void tell_opened(handle arena) noexcept {
  const arena_watcher* const watcher = watching.load(std::memory_order_acquire);
  if (watcher == nullptr || arena == 0) return;
  const char* const name = lane_of(arena)->name;
  if (name != nullptr) watcher->opened(name);
}

void tell_ends(handle arena) noexcept {
  const arena_watcher* const watcher = watching.load(std::memory_order_acquire);
  connarena_stats last{};
  if (watcher == nullptr || !arena_counters(arena, &last)) return;
  const char* const name = lane_of(arena)->name;
  if (name != nullptr) watcher->ends(name, last);
}

}  // namespace connarena::core
