// arenas_of_handles.cpp - the C++ classes where this library's own core does not serve the
// process: arenas for any thread, of whoever does.
#include <new>

#include "api/api_table.hpp"
#include "api/arena_calls.hpp"
#include "api/or_throw.hpp"
#include "arena/small/small_blocks.hpp"

namespace connarena {
namespace {

void open_for_any_thread(arena_place& at, const arena_options& options) {
  const connarena_options wanted{options.limit_bytes == unlimited ? 0 : options.limit_bytes,
                                 options.name};
  at = {api->create_resource(&wanted, sizeof wanted), &no_lane};
  if (at.handle == 0) throw std::bad_alloc();
}

void open(lone_arena_place& at, const arena_options& options) {
  open_for_any_thread(at, options);
  at.home = &no_lane;
}

void end_for_any_thread(arena_place& at) noexcept { api->destroy(at.handle); }
void end(lone_arena_place& at) noexcept { end_for_any_thread(at); }
void empty(lone_arena_place& at) noexcept { api->release(at.handle); }

void read_counters(const lone_arena_place& at, arena_stats& counters) noexcept {
  api->get_stats(at.handle, &counters, sizeof counters);
}

void set_limit(lone_arena_place& at, std::size_t limit_bytes) noexcept {
  api->set_limit(at.handle, limit_bytes == unlimited ? 0 : limit_bytes);
}

void set_soft_limit(lone_arena_place& at, std::size_t bytes, connarena_limit_callback* passed,
                    void* context) {
  if (api->set_soft_limit(at.handle, bytes, passed, context) != 0) throw std::bad_alloc();
}

void* allocate_for_any_thread(arena_place& at, std::size_t size_bytes,
                              std::size_t alignment) noexcept {
  return api->aligned_alloc(at.handle, alignment, size_bytes);
}

free_result deallocate_from_any_thread(arena_place& at, void* block,
                                       std::size_t size_bytes) noexcept {
  return api->deallocate_of(at.handle, block, size_bytes);
}

void* allocate(lone_arena_place& at, std::size_t size_bytes, std::size_t alignment) {
  return or_throw(api->aligned_alloc(at.handle, alignment, size_bytes));
}

void* allocate_of_class(lone_arena_place& at, std::uint8_t mark) {
  return or_throw(api->malloc(at.handle, std::size_t{granules_of(mark)} << granule_shift));
}

void deallocate(lone_arena_place& at, void* block, std::size_t size_bytes) noexcept {
  api->deallocate_of(at.handle, block, size_bytes);
}

void* reallocate(lone_arena_place& at, void* block, std::size_t old_bytes, std::size_t new_bytes) {
  return or_throw(api->reallocate_of(at.handle, block, old_bytes, new_bytes));
}

/// There are no blocks in `no_lane`.
void report(lone_arena_place&) noexcept {}

}  // namespace

constexpr arena_calls calls_of_handles{
    .open = open,
    .end = end,
    .empty = empty,
    .read_counters = read_counters,
    .set_limit = set_limit,
    .set_soft_limit = set_soft_limit,
    .allocate = allocate,
    .allocate_of_class = allocate_of_class,
    .deallocate = deallocate,
    .reallocate = reallocate,
    .report = report,
    .open_for_any_thread = open_for_any_thread,
    .end_for_any_thread = end_for_any_thread,
    .allocate_for_any_thread = allocate_for_any_thread,
    .deallocate_from_any_thread = deallocate_from_any_thread,
};

}  // namespace connarena
