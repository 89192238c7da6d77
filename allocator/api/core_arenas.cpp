// core_arenas.cpp - what an arena is known by, and which there are.
#include "api/core.hpp"

#include <cerrno>

#include "api/core_of_lane.hpp"
#include "arena/arenas.hpp"
#include "arena/lane/watch.hpp"
#include "arena/limits.hpp"
#include "arena/user_pointers.hpp"
#include "base/failure.hpp"
#include "heap/commits.hpp"
#include "heap/slot_pool.hpp"

namespace connarena::core {
namespace {

bool has_worked(int error) noexcept {
  if (error != 0) errno = error;
  return error == 0;
}

}  // namespace

const char* name_of(handle arena) noexcept {
  const lane* const first = lane_of(arena);
  if (first == nullptr) return nullptr;
  // acquire: pairs with the release of who opened the arena that the name is of
  const char* const name = first->name.load(std::memory_order_acquire);
  return is_of(*first, arena) ? name : nullptr;
}

void* user_of(handle arena) noexcept {
  const lane* const first = find(arena);
  return first != nullptr ? connarena::user_of(lane_index_of(arena), generation_of(arena))
                          : nullptr;
}

bool set_user(handle arena, void* user) noexcept {
  if (find(arena) == nullptr) return fail(ESTALE) != nullptr;
  return connarena::set_user(lane_index_of(arena), generation_of(arena), user) ||
         fail(ENOMEM) != nullptr;
}

bool set_limit(handle arena, std::size_t limit_bytes) noexcept {
  lane* const first = find(arena);
  return has_worked(first != nullptr ? connarena::set_limit(*first, arena, limit_bytes) : ESTALE);
}

bool set_soft_limit(handle arena, std::size_t bytes, connarena_limit_callback* passed,
                    void* context) noexcept {
  lane* const first = find(arena);
  return has_worked(
      first != nullptr ? connarena::set_soft_limit(*first, arena, bytes, passed, context) : ESTALE);
}

void set_soft_limit_caller(soft_limit_caller caller) noexcept {
  connarena::set_soft_limit_caller(caller);
}

void set_watch_limits(const watch_limits& limits, void (*over)(handle) noexcept) noexcept {
  const auto bytes = [](std::size_t limit) {
    return limit != SIZE_MAX ? beside_metadata(limit) : watch::unlimited;
  };
  set_over_limit(over);
  watch::all.refuses.store(limits.refuses, std::memory_order_relaxed);
  watch::all.most_of_one.store(bytes(limits.most_of_one), std::memory_order_relaxed);
  watch::all.most_of_all.store(limits.most_of_all, std::memory_order_relaxed);
}

bool watch_arena(handle arena, bool is_exempt) noexcept {
  lane* const first = find(arena);
  return first != nullptr && connarena::watch_arena(*first, arena, is_exempt) == 0;
}

void excuse_arena(handle arena) noexcept {
  lane* const first = find(arena);
  if (first != nullptr && has_limit(*first)) connarena::excuse_arena(*first, arena);
}

bool is_above_limit(handle arena) noexcept {
  return footprint(arena) > watch::all.most_of_one.load(std::memory_order_relaxed);
}

std::size_t watched_bytes() noexcept { return watch::all.held.load(std::memory_order_relaxed); }

handle next_arena(handle after) noexcept {
  if (!region_ready()) return 0;
  const std::uint32_t end = places_end(place::lane);
  for (std::uint32_t index = lane_index_of(after) + 1; index < end; ++index) {
    const lane& each = lane_at(index);
    // acquire: pairs with the release that opened it
    const std::uint64_t generation = each.generation.load(std::memory_order_acquire);
    const bool is_listed = generation != 0 && each.any_thread && each.first_lane == index &&
                           each.kind != arena_kind::cores_own;
    if (is_listed) return make_handle(generation, index);
  }
  return 0;
}

}  // namespace connarena::core
