// arena.cpp - connarena::arena: straight to its lane, and from there to whoever serves
// the process.
#include <connarena/arena.hpp>

#include "api/arena_calls.hpp"
#include "arena/runs/kept_runs.hpp"
#include "arena/small/small_blocks.hpp"

namespace connarena {
namespace {

/// By itself, so that a run that is kept needs few registers.
[[gnu::noinline]] void deallocate_other_run(lone_arena_place& at, void* block,
                                            std::size_t size_bytes) noexcept {
  thread_slot* const self = known_thread();
  if (self != nullptr && keep_longer_run(*at.home, *self, block, size_bytes)) return;
  arenas->deallocate(at, block, size_bytes);
}

}  // namespace

arena::arena(const arena_options& options) { arenas->open(at_, options); }

arena::~arena() { arenas->end(at_); }

void arena::release() noexcept { arenas->empty(at_); }

arena_stats arena::stats() const noexcept {
  arena_stats counters{};
  arenas->read_counters(at_, counters);
  return counters;
}

void arena::set_limit(std::size_t limit_bytes) noexcept { arenas->set_limit(at_, limit_bytes); }

void arena::set_soft_limit(std::size_t bytes, connarena_limit_callback* passed, void* context) {
  arenas->set_soft_limit(at_, bytes, passed, context);
}

const char* arena_limit_exceeded::what() const noexcept { return "connarena: arena at its limit"; }

void* arena::do_allocate(std::size_t size_bytes, std::size_t alignment) {
  if (size_bytes <= max_small_bytes && alignment <= granule_bytes) [[likely]] {
    const live_mark mark = mark_of_size(size_bytes);
    void* const block = take_ready(*at_.in, mark);
    // By its class: a size would have to be kept where registers are few.
    return block != nullptr ? block : arenas->allocate_of_class(at_, mark);
  }
  return alignment <= granule_bytes ? allocate_run(size_bytes)
                                    : arenas->allocate(at_, size_bytes, alignment);
}

[[gnu::noinline]] void* arena::allocate_run(std::size_t size_bytes) {
  thread_slot* const self = known_thread();
  if (size_bytes <= most_kept_bytes && self != nullptr) [[likely]] {
    if (void* const block = take_kept_run(*at_.home, *self, size_bytes)) [[likely]]
      return block;
  }
  return allocate_other_run(size_bytes);
}

/// By itself, so that a run that is kept needs no frame.
[[gnu::noinline]] void* arena::allocate_other_run(std::size_t size_bytes) {
  thread_slot* const self = known_thread();
  if (size_bytes <= most_kept_bytes && self != nullptr) {
    if (void* const block = take_kept_run_anew(*at_.home, *self, size_bytes)) return block;
  }
  return arenas->allocate(at_, size_bytes, granule_bytes);
}

void arena::do_deallocate(void* block, std::size_t size_bytes, std::size_t) {
  if (size_bytes > max_small_bytes) [[unlikely]]
    return deallocate_run(block, size_bytes);
  lane& in = *at_.in;
  if (put_back(in, block, mark_of_size(size_bytes))) [[likely]] {
    if (is_report_due(in)) [[unlikely]]
      arenas->report(at_);
    return;
  }
  arenas->deallocate(at_, block, size_bytes);
}

[[gnu::noinline]] void arena::deallocate_run(void* block, std::size_t size_bytes) noexcept {
  thread_slot* const self = known_thread();
  if (self != nullptr && keep_run_again(*at_.home, *self, block, size_bytes)) [[likely]]
    return;
  deallocate_other_run(at_, block, size_bytes);
}

void* arena::reallocate(void* block, std::size_t old_bytes, std::size_t new_bytes) {
  if (block == nullptr) return do_allocate(new_bytes, granule_bytes);
  return arenas->reallocate(at_, block, old_bytes, new_bytes);
}

bool arena::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  return this == &other;
}

}  // namespace connarena
