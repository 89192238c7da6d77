// synchronized_arena.cpp - connarena::synchronized_arena, and the resource that
// lives on while it drains.
#include <connarena/arena.hpp>

#include <cerrno>
#include <new>

#include "api/core.hpp"
#include "api/face.hpp"
#include "arena/any_thread_blocks.hpp"
#include "arena/arenas.hpp"
#include "arena/runs/runs.hpp"
#include "arena/small/faults.hpp"
#include "arena/small/remote_free.hpp"
#include "heap/hardening.hpp"

namespace connarena {
namespace {

// Larger than any number of blocks, so that an open arena's count is never 0.
constexpr std::int64_t open_bias = std::int64_t{1} << 62;

std::atomic<std::size_t> draining{0};

connarena_t open_handle(const arena_options& options) {
  const connarena_options wanted{options.limit_bytes == unlimited ? 0 : options.limit_bytes,
                                 options.name};
  const connarena_t handle = connarena_create(&wanted);
  if (handle == 0) throw std::bad_alloc();
  return handle;
}

/// Where resources are that drain when their pointer goes, and what they
/// allocate afterwards: one arena for all of them.
void* allocate_in_house(std::size_t size_bytes, std::size_t alignment) noexcept {
  void* const block = core::allocate(core::house_arena(), size_bytes, alignment);
  if (block != nullptr) wipe(block, core::usable_size(block));
  return block;
}

lane* own_lane(connarena_t handle) noexcept {
  return preloaded_face == nullptr ? &lane_at(lane_index_of(handle)) : &no_lane;
}

/// The arena of this core that a live block belongs to; 0: none that is open.
bool belongs_elsewhere(const void* block, connarena_t handle) noexcept {
  const connarena_t owner = connarena_of(block);
  return owner != 0 && owner != handle && owner != core::house_arena();
}

bool has_size(const void* block, std::size_t size_bytes) noexcept {
  const std::size_t usable = connarena_usable_size(block);
  if (size_bytes > usable) return false;
  return usable <= max_small_bytes ? class_of(size_bytes) == class_of(usable)
                                   : size_bytes > usable / 2 || usable <= page_bytes;
}

}  // namespace

synchronized_arena::synchronized_arena(const arena_options& options)
    : lane_(nullptr), handle_(open_handle(options)), survivors_(open_bias) {
  lane_ = own_lane(handle_);
}

synchronized_arena::~synchronized_arena() { connarena_destroy(handle_); }

arena_ptr synchronized_arena::open(const arena_options& options) {
  if (core::house_arena() == 0) throw std::bad_alloc();
  void* const place = allocate_in_house(sizeof(synchronized_arena), alignof(synchronized_arena));
  if (place == nullptr) throw std::bad_alloc();
  try {
    return arena_ptr(new (place) synchronized_arena(options));
  } catch (...) {
    core::deallocate(place);
    throw;
  }
}

void arena_closer::operator()(synchronized_arena* arena) const noexcept { arena->drain(); }

void synchronized_arena::drain() noexcept {
  draining.fetch_add(1, std::memory_order_relaxed);
  core::drain_result result{};
  if (preloaded_face != nullptr) {
    preloaded_face->close(handle_);
  } else {
    core::drain_arena(handle_, &result);
  }
  count_survivors(static_cast<std::int64_t>(result.survivor_blocks) - open_bias);
}

void synchronized_arena::count_survivors(std::int64_t change) noexcept {
  // acq_rel: whoever ends the resource has seen all that others did in it
  if (survivors_.fetch_add(change, std::memory_order_acq_rel) + change != 0) return;
  draining.fetch_sub(1, std::memory_order_relaxed);
  core::deallocate(this);
}

void synchronized_arena::release() noexcept { connarena_release(handle_); }

arena_stats synchronized_arena::stats() const noexcept {
  arena_stats counters{};
  connarena_get_stats(handle_, &counters);
  return counters;
}

void* synchronized_arena::do_allocate(std::size_t size_bytes, std::size_t alignment) {
  if (size_bytes <= max_small_bytes && alignment <= granule_bytes) [[likely]] {
    void* const block = take_as_owner(*lane_, handle_, mark_of_size(size_bytes));
    return block != nullptr ? block : allocate_slowly(size_bytes, granule_bytes);
  }
  return allocate_slowly(size_bytes, alignment);
}

/// From the arena, while it is open; as connarena_aligned_alloc.
void* synchronized_arena::allocate_open(std::size_t size_bytes, std::size_t alignment) noexcept {
  if (preloaded_face == nullptr && fits_small(size_bytes, alignment)) {
    return take_for_any_thread(*lane_, handle_, size_bytes, alignment);
  }
  return connarena_aligned_alloc(handle_, alignment, size_bytes);
}

[[gnu::noinline]] void* synchronized_arena::allocate_slowly(std::size_t size_bytes,
                                                            std::size_t alignment) {
  const int saved_errno = errno;
  void* block = allocate_open(size_bytes, alignment);
  const bool is_draining = block == nullptr && errno == ESTALE;
  errno = saved_errno;
  if (is_draining) block = allocate_in_house(size_bytes, alignment);
  if (block == nullptr) throw std::bad_alloc();
  if (is_draining || preloaded_face != nullptr) count_survivors(1);
  return block;
}

void synchronized_arena::do_deallocate(void* block, std::size_t size_bytes, std::size_t) {
  if (size_bytes <= max_small_bytes &&
      give_as_owner(*lane_, handle_, block, mark_of_size(size_bytes))) [[likely]] {
    return;
  }
  deallocate_slowly(block, size_bytes);
}

/// Frees a block of the open arena that is not the calling thread's to take back, or
/// a run. False, with nothing done, for any other.
bool synchronized_arena::deallocate_elsewhere(void* block, std::size_t size_bytes) noexcept {
  lane& first = *lane_;
  if (size_bytes > max_small_bytes) {
    return is_of(first, handle_) && deallocate_run_of(first, block, size_bytes);
  }
  const std::size_t at = granule_at(block);
  if (!is_small(at)) return false;
  const live_mark mark = mark_of_size(size_bytes);
  if (give_first_as_owner(first, handle_, block, mark)) return true;
  lane* const second = second_of(first);
  if (second != nullptr && (give_as_owner(*second, handle_, block, mark) ||
                            give_first_as_owner(*second, handle_, block, mark))) {
    return true;
  }
  const sent_free sent =
      free_for_owner(static_cast<granule_index>(at), class_of(size_bytes), handle_);
  if (sent == sent_free::was_survivor) count_survivors(-1);
  return sent != sent_free::none;
}

[[gnu::noinline]] void synchronized_arena::deallocate_slowly(void* block,
                                                             std::size_t size_bytes) noexcept {
  if (preloaded_face != nullptr) {
    preloaded_face->free(block);
    return count_survivors(-1);
  }
  if (deallocate_elsewhere(block, size_bytes)) return;
  const std::uint32_t index = lane_index_of(handle_);
  if (!core::owns(block) || belongs_elsewhere(block, handle_) || !has_size(block, size_bytes)) {
    die_of_bad_free(index, block, size_bytes);
  }
  const bool is_in_house = connarena_of(block) == core::house_arena();
  if (core::deallocate(block) || is_in_house) count_survivors(-1);
}

bool synchronized_arena::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  return this == &other;
}

process_stats process() noexcept {
  process_stats counters{};
  connarena_get_process_stats(&counters);
  counters.arenas_draining = draining.load(std::memory_order_relaxed);
  return counters;
}

}  // namespace connarena
