// synchronized_arena.cpp - connarena::synchronized_arena, and the resource that
// lives on while it drains.
#include <connarena/arena.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "api/api_table.hpp"
#include "api/arena_calls.hpp"
#include "api/or_throw.hpp"
#include "arena/any_thread_blocks.hpp"
#include "arena/runs/kept_runs.hpp"
#include "heap/hardening.hpp"

namespace connarena {
namespace {

// Larger than any number of blocks, so that an open arena's count is never 0.
constexpr std::int64_t open_bias = std::int64_t{1} << 62;

std::atomic<std::size_t> draining{0};

/// Where resources are that drain when their pointer goes, and what they
/// allocate afterwards: one arena for all of them.
void* allocate_outliving(std::size_t size_bytes, std::size_t alignment) noexcept {
  void* const block = api->aligned_alloc(api->own_arena(), alignment, size_bytes);
  if (block != nullptr) wipe(block, api->usable_size(block));
  return block;
}

}  // namespace

synchronized_arena::synchronized_arena(const arena_options& options) : survivors_(open_bias) {
  arenas->open_for_any_thread(at_, options);
}

synchronized_arena::~synchronized_arena() { arenas->end_for_any_thread(at_); }

arena_ptr synchronized_arena::open(const arena_options& options) {
  if (api->own_arena() == 0) throw std::bad_alloc();
  void* const place = allocate_outliving(sizeof(synchronized_arena), alignof(synchronized_arena));
  if (place == nullptr) throw std::bad_alloc();
  try {
    return arena_ptr(new (place) synchronized_arena(options));
  } catch (...) {
    api->free(place);
    throw;
  }
}

void arena_closer::operator()(synchronized_arena* arena) const noexcept { arena->drain(); }

void synchronized_arena::drain() noexcept {
  draining.fetch_add(1, std::memory_order_relaxed);
  std::size_t left = 0;
  api->drain(at_.handle, &left);
  count_survivors(static_cast<std::int64_t>(left) - open_bias);
}

void synchronized_arena::count_survivors(std::int64_t change) noexcept {
  // acq_rel: whoever ends the resource has seen all that others did in it
  if (survivors_.fetch_add(change, std::memory_order_acq_rel) + change != 0) return;
  draining.fetch_sub(1, std::memory_order_relaxed);
  api->free(this);
}

void synchronized_arena::release() noexcept { api->release(at_.handle); }

arena_stats synchronized_arena::stats() const noexcept {
  arena_stats counters{};
  api->get_stats(at_.handle, &counters, sizeof counters);
  return counters;
}

void synchronized_arena::set_limit(std::size_t limit_bytes) noexcept {
  const int saved_errno = errno;
  api->set_limit(at_.handle, limit_bytes == unlimited ? 0 : limit_bytes);
  errno = saved_errno;
}

void synchronized_arena::set_soft_limit(std::size_t bytes, connarena_limit_callback* passed,
                                        void* context) {
  const int result = api->set_soft_limit(at_.handle, bytes, passed, context);
  if (result != 0 && errno == ENOMEM) throw std::bad_alloc();
}

void* synchronized_arena::reallocate(void* block, std::size_t old_bytes, std::size_t new_bytes) {
  if (block == nullptr) return do_allocate(new_bytes, granule_bytes);
  const int saved_errno = errno;
  if (void* const resized = api->reallocate_of(at_.handle, block, old_bytes, new_bytes)) {
    return resized;
  }
  if (errno != ESTALE) return or_throw(nullptr);
  // It drains: the block is a survivor, or one that was allocated since.
  errno = saved_errno;
  return move(block, old_bytes, new_bytes);
}

void* synchronized_arena::move(void* block, std::size_t old_bytes, std::size_t new_bytes) {
  void* const moved = do_allocate(new_bytes, granule_bytes);
  std::memcpy(moved, block, std::min(old_bytes, new_bytes));
  do_deallocate(block, old_bytes, granule_bytes);
  return moved;
}

void* synchronized_arena::do_allocate(std::size_t size_bytes, std::size_t alignment) {
  if (size_bytes <= max_small_bytes && alignment <= granule_bytes) [[likely]] {
    void* const block = take_as_owner(*at_.in, at_.handle, mark_of_size(size_bytes));
    return block != nullptr ? block : allocate_beside_owner(size_bytes);
  }
  return alignment <= granule_bytes ? allocate_run(size_bytes)
                                    : allocate_slowly(size_bytes, alignment);
}

[[gnu::noinline]] void* synchronized_arena::allocate_run(std::size_t size_bytes) {
  if (size_bytes <= most_kept_bytes) [[likely]] {
    if (void* const block = take_kept_run_of(*at_.in, at_.handle, size_bytes)) [[likely]]
      return block;
  }
  return allocate_slowly(size_bytes, granule_bytes);
}

[[gnu::noinline]] void* synchronized_arena::allocate_beside_owner(std::size_t size_bytes) {
  void* const block = take_beside_owner(*at_.in, at_.handle, mark_of_size(size_bytes));
  return block != nullptr ? block : allocate_slowly(size_bytes, granule_bytes);
}

[[gnu::noinline]] void* synchronized_arena::allocate_slowly(std::size_t size_bytes,
                                                            std::size_t alignment) {
  const int saved_errno = errno;
  void* block = arenas->allocate_for_any_thread(at_, size_bytes, alignment);
  if (block != nullptr) [[likely]]
    return block;
  if (errno != ESTALE) return or_throw(nullptr);
  errno = saved_errno;
  block = allocate_outliving(size_bytes, alignment);
  if (block == nullptr) throw std::bad_alloc();
  count_survivors(1);
  return block;
}

void synchronized_arena::do_deallocate(void* block, std::size_t size_bytes, std::size_t) {
  if (size_bytes > max_small_bytes) [[unlikely]]
    return deallocate_run(block, size_bytes);
  if (!give_as_owner(*at_.in, at_.handle, block, mark_of_size(size_bytes))) [[unlikely]]
    deallocate_beside_owner(block, size_bytes);
}

[[gnu::noinline]] void synchronized_arena::deallocate_run(void* block,
                                                          std::size_t size_bytes) noexcept {
  if (!keep_run_of(*at_.in, at_.handle, block, size_bytes)) [[unlikely]]
    deallocate_slowly(block, size_bytes);
}

[[gnu::noinline]] void synchronized_arena::deallocate_beside_owner(
    void* block, std::size_t size_bytes) noexcept {
  if (!give_beside_owner(*at_.in, at_.handle, block, mark_of_size(size_bytes))) {
    deallocate_slowly(block, size_bytes);
  }
}

[[gnu::noinline]] void synchronized_arena::deallocate_slowly(void* block,
                                                             std::size_t size_bytes) noexcept {
  const free_result end = arenas->deallocate_from_any_thread(at_, block, size_bytes);
  if (end != free_result::owned) [[unlikely]]
    count_survivors(-1);
}

bool synchronized_arena::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  return this == &other;
}

process_stats process() noexcept {
  process_stats counters{};
  api->get_process_stats(&counters, sizeof counters);
  counters.arenas_draining = draining.load(std::memory_order_relaxed);
  return counters;
}

}  // namespace connarena
