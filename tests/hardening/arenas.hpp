// arenas.hpp - the kinds of arena as the ways between arenas need them: an arena that can end,
// survivors or not.
#pragma once

#include <connarena/arena.hpp>
#include <connarena/connarena.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

namespace hardening {

/// connarena::arena, which ends by releasing.
class one_thread {
 public:
  void* take(std::size_t bytes) { return arena_->allocate(bytes); }
  void* resize(void* block, std::size_t from, std::size_t to) {
    return arena_->reallocate(block, from, to);
  }
  void give(void* block, std::size_t bytes) { arena_->deallocate(block, bytes); }
  void end() { arena_.reset(); }

 private:
  std::unique_ptr<connarena::arena> arena_ = std::make_unique<connarena::arena>();
};

/// connarena::synchronized_arena, which ends by draining.
class any_thread {
 public:
  void* take(std::size_t bytes) { return resource_->allocate(bytes); }
  /// A pmr resource has no call for it.
  void* resize(void* block, std::size_t from, std::size_t to) {
    void* const moved = take(to);
    std::memcpy(moved, block, std::min(from, to));
    give(block, from);
    return moved;
  }
  void give(void* block, std::size_t bytes) { resource_->deallocate(block, bytes); }
  void end() { arena_.reset(); }

 private:
  connarena::arena_ptr arena_ = connarena::synchronized_arena::open();
  connarena::synchronized_arena* resource_ = arena_.get();
};

/// The C API, drained.
class c_arena {
 public:
  void* take(std::size_t bytes) { return connarena_malloc(arena_, bytes); }
  void* resize(void* block, std::size_t, std::size_t to) {
    return connarena_realloc(arena_, block, to);
  }
  void give(void* block, std::size_t) { connarena_free(block); }
  void end() { connarena_close(arena_); }

 private:
  connarena_t arena_ = connarena_create(nullptr);
};

}  // namespace hardening
