// sanitizer_state.hpp - what is known of blocks and arenas that are AddressSanitizer's own:
// see sanitizer_api.cpp. Threads: whoever has the lock.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include <connarena/connarena.h>

#include "api/sanitizer_table.hpp"
#include "os/lock.hpp"

namespace connarena::sanitized {

struct block_state {
  const void* key;        ///< its address
  connarena_t arena = 0;  ///< 0: a survivor
  std::size_t bytes = 0;
  block_state* previous = nullptr;  ///< in its arena's list, as next
  block_state* next = nullptr;
};

struct arena_state {
  connarena_t key;  ///< its handle
  std::size_t limit_bytes = SIZE_MAX;
  std::size_t soft_limit_bytes = SIZE_MAX;
  connarena_limit_callback* passed = nullptr;
  void* context = nullptr;  ///< of `passed`
  bool is_above_soft = false;
  const char* name = nullptr;
  void* user = nullptr;
  connarena_stats counters{};
  block_state* blocks = nullptr;
};

struct tables {
  lock mutex;
  connarena_t last_handle = 0;
  connarena_t own_handle = 0;  ///< of what outlives its arena; 0: not opened
  sanitizer_table<arena_state> arenas;
  sanitizer_table<block_state> blocks;
  std::size_t live_bytes = 0;
};

inline constinit tables all;

inline arena_state* find(connarena_t arena) { return all.arenas.find(arena); }

template <typename T>
T fail(int error, T value) {
  errno = error;
  return value;
}

// Limits, of what was asked for: the sanitizer knows no pages.

inline bool has_room(const arena_state& in, std::size_t bytes) {
  const std::size_t live = in.counters.live_bytes;
  return live <= in.limit_bytes && bytes <= in.limit_bytes - live;
}

/// That a soft limit was passed: delivered without the lock.
struct limit_notice {
  connarena_limit_callback* passed = nullptr;
  void* context = nullptr;
  connarena_t arena = 0;
  std::size_t bytes = 0;

  void deliver() const {
    const int saved_errno = errno;
    if (passed != nullptr) passed(context, arena, bytes);
    errno = saved_errno;
  }
};

/// The arena has come to hold more.
inline limit_notice notice_of(arena_state& arena) {
  const std::size_t bytes = arena.counters.live_bytes;
  if (arena.is_above_soft || bytes <= arena.soft_limit_bytes) return {};
  arena.is_above_soft = true;
  return {arena.passed, arena.context, arena.key, bytes};
}
/// It has come to hold less.
inline void note_less(arena_state& arena) {
  if (arena.counters.live_bytes <= arena.soft_limit_bytes) arena.is_above_soft = false;
}

// What the table of calls has of arenas, but for their blocks.
bool is_open(connarena_t handle);
const char* name(connarena_t handle);
void* user(connarena_t handle);
int set_user(connarena_t handle, void* to);
connarena_t next(connarena_t after);
int set_limit(connarena_t handle, size_t bytes);
int set_soft_limit(connarena_t handle, size_t bytes, connarena_limit_callback* passed,
                   void* context);

}  // namespace connarena::sanitized
