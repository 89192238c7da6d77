// faces.hpp - the three public faces of an arena behind one interface, so that
// a test of what they share is written once.
#pragma once

#include <connarena/arena.hpp>
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <new>

namespace harness {

/// A std::pmr::memory_resource face; null where it throws std::bad_alloc.
template <typename Resource>
class resource_face {
 public:
  explicit resource_face(std::size_t limit_bytes = connarena::unlimited)
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

 private:
  Resource resource_;
};

using one_thread_face = resource_face<connarena::arena>;
using any_thread_face = resource_face<connarena::synchronized_arena>;

/// The C face.
class c_face {
 public:
  explicit c_face(std::size_t limit_bytes = 0) {
    const connarena_options options{limit_bytes, "test"};
    handle_ = connarena_create(&options);
  }
  c_face(const c_face&) = delete;
  c_face& operator=(const c_face&) = delete;
  ~c_face() { connarena_destroy(handle_); }

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
  [[nodiscard]] connarena_t handle() const { return handle_; }

 private:
  connarena_t handle_;
};

using all_faces = ::testing::Types<one_thread_face, any_thread_face, c_face>;

}  // namespace harness
