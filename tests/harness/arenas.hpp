// arenas.hpp - the three kinds of arena behind one interface, so that
// a test of what they share is written once.
#pragma once

#include <connarena/arena.hpp>
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <new>

namespace harness {

/// An arena that is a std::pmr::memory_resource; null where it throws std::bad_alloc.
template <typename Resource>
class resource_arena {
 public:
  explicit resource_arena(std::size_t limit_bytes = connarena::unlimited)
      : resource_(connarena::arena_options{limit_bytes, "test"}) {}

  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment = 16) {
    try {
      return resource_.allocate(bytes, alignment);
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }
  void deallocate(void* block, std::size_t bytes, std::size_t alignment = 16) {
    resource_.deallocate(block, bytes, alignment);
  }
  void release() { resource_.release(); }
  [[nodiscard]] connarena_stats stats() const { return resource_.stats(); }
  /// 0: unlimited
  void set_limit(std::size_t bytes) {
    resource_.set_limit(bytes != 0 ? bytes : connarena::unlimited);
  }
  void set_soft_limit(std::size_t bytes, connarena_limit_callback* passed, void* context) {
    resource_.set_soft_limit(bytes, passed, context);
  }

 private:
  Resource resource_;
};

using one_thread_arena = resource_arena<connarena::arena>;
using any_thread_arena = resource_arena<connarena::synchronized_arena>;

/// The C API.
class c_arena {
 public:
  explicit c_arena(std::size_t limit_bytes = 0) {
    const connarena_options options{limit_bytes, "test"};
    handle_ = connarena_create(&options);
  }
  c_arena(const c_arena&) = delete;
  c_arena& operator=(const c_arena&) = delete;
  ~c_arena() { connarena_destroy(handle_); }

  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment = 16) {
    if (alignment <= 16) return connarena_malloc(handle_, bytes);
    return connarena_aligned_alloc(handle_, alignment, bytes);
  }
  void deallocate(void* block, std::size_t, std::size_t = 16) { connarena_free(block); }
  void release() { EXPECT_EQ(connarena_release(handle_), 0); }
  [[nodiscard]] connarena_stats stats() const {
    connarena_stats counters{};
    EXPECT_EQ(connarena_get_stats(handle_, &counters), 0);
    return counters;
  }
  void set_limit(std::size_t bytes) { EXPECT_EQ(connarena_set_limit(handle_, bytes), 0); }
  void set_soft_limit(std::size_t bytes, connarena_limit_callback* passed, void* context) {
    EXPECT_EQ(connarena_set_soft_limit(handle_, bytes, passed, context), 0);
  }
  [[nodiscard]] connarena_t handle() const { return handle_; }

 private:
  connarena_t handle_;
};

using all_arenas = ::testing::Types<one_thread_arena, any_thread_arena, c_arena>;

}  // namespace harness
