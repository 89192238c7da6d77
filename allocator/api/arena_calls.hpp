// arena_calls.hpp - who serves the C++ classes where their fast paths end: lanes of this
// library's own core, or whoever serves the process, by handles.
#pragma once

#include <cstddef>
#include <cstdint>

#include <connarena/arena.hpp>

#include "arena/lane/free_result.hpp"

namespace connarena {

struct arena_calls {
  // connarena::arena; what may fail throws std::bad_alloc
  void (*open)(lone_arena_place&, const arena_options&);
  void (*end)(lone_arena_place&) noexcept;
  void (*empty)(lone_arena_place&) noexcept;
  void (*read_counters)(const lone_arena_place&, arena_stats&) noexcept;
  void (*set_limit)(lone_arena_place&, std::size_t limit_bytes) noexcept;
  void (*set_soft_limit)(lone_arena_place&, std::size_t bytes, connarena_limit_callback* passed,
                         void* context);
  void* (*allocate)(lone_arena_place&, std::size_t size_bytes, std::size_t alignment);
  void* (*allocate_of_class)(lone_arena_place&, std::uint8_t mark);
  void (*deallocate)(lone_arena_place&, void* block, std::size_t size_bytes) noexcept;
  void* (*reallocate)(lone_arena_place&, void* block, std::size_t old_bytes, std::size_t new_bytes);
  /// A free has made a report due in the lane.
  void (*report)(lone_arena_place&) noexcept;

  // connarena::synchronized_arena: where it differs from what its handle offers
  void (*open_for_any_thread)(arena_place&, const arena_options&);
  void (*end_for_any_thread)(arena_place&) noexcept;
  /// As connarena_aligned_alloc.
  void* (*allocate_for_any_thread)(arena_place&, std::size_t size_bytes,
                                   std::size_t alignment) noexcept;
  /// As core::deallocate_of.
  free_result (*deallocate_from_any_thread)(arena_place&, void* block,
                                            std::size_t size_bytes) noexcept;
};

[[gnu::visibility("hidden")]] extern const arena_calls calls_of_lanes;
[[gnu::visibility("hidden")]] extern const arena_calls calls_of_handles;

/// Those of this process.
[[gnu::visibility("hidden")]] extern const arena_calls* arenas;

}  // namespace connarena
