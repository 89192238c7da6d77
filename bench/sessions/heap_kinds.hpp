// heap_kinds.hpp - what each session takes its memory from, one heap for each.
#pragma once

#include <nghttp2/nghttp2.h>

#include <span>

namespace sessions {

/// A kind of heap. mimalloc and jemalloc replace the process's malloc: they are here where
/// the program was started under them.
struct heap_kind {
  const char* name;
  bool (*is_here)();
  void* (*open)();
  /// Without `mem_user_data`, which is the heap.
  nghttp2_mem calls;
  /// Ends the heap and the session in it: wholesale, but for malloc.
  void (*end)(void* heap, nghttp2_session* session);
  /// Says that the program is about to wait; null where the allocator has no such call.
  int (*say_idle)();
};

[[nodiscard]] std::span<const heap_kind> heap_kinds();

}  // namespace sessions
