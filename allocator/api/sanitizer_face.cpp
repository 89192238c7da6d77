// sanitizer_face.cpp - arenas whose blocks are AddressSanitizer's own.
//
// Each block is one of malloc, which the sanitizer has replaced, and freed when its
// arena ends: so it knows every block's exact size, and names the lines that allocated,
// freed and used it; and LeakSanitizer follows what blocks point at. The lines of the
// program are what matters, hence one lock, and lookups in a table; a pointer that is
// in no table goes to the sanitizer's free, which says what is wrong with it.
//
// Threads: any. Invariant: a block of an open arena is in that arena's set; a survivor
// is in the table of blocks only.
#include "api/sanitizer_face.hpp"

#include <pthread.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "api/core.hpp"

// There in a program that is compiled with AddressSanitizer.
extern "C" [[gnu::weak]] void __asan_init();

namespace connarena {
namespace {

constexpr std::size_t malloc_alignment = 16;

struct arena_state {
  std::size_t limit_bytes = SIZE_MAX;
  connarena_stats counters{};
  std::unordered_set<void*> blocks;
};

struct block_state {
  connarena_t arena;  ///< 0: a survivor
  std::size_t bytes;
};

struct tables {
  std::mutex mutex;
  connarena_t last_handle = 0;
  std::unordered_map<connarena_t, arena_state> arenas;
  std::unordered_map<const void*, block_state> blocks;
  std::size_t live_bytes = 0;
};

/// Never destroyed: other static objects may free blocks later.
tables& all() {
  static tables& made = *new tables;
  return made;
}

thread_local connarena_t entered = 0;

arena_state* find(connarena_t arena) {
  const auto found = all().arenas.find(arena);
  return found != all().arenas.end() ? &found->second : nullptr;
}

template <typename T>
T fail(int error, T value) {
  errno = error;
  return value;
}

void forget(const void* block) {
  const auto found = all().blocks.find(block);
  all().live_bytes -= found->second.bytes;
  all().blocks.erase(found);
}

/// Frees every block of an arena.
void empty(arena_state& arena) {
  for (void* const block : arena.blocks) {
    forget(block);
    std::free(block);
  }
  arena.blocks.clear();
  arena.counters.deallocations = arena.counters.allocations;
  arena.counters.live_bytes = 0;
  arena.counters.footprint_bytes = 0;
}

connarena_t create(const connarena_options* options) {
  const std::lock_guard<std::mutex> hold(all().mutex);
  arena_state& made = all().arenas[++all().last_handle];
  if (options != nullptr && options->limit_bytes != 0) made.limit_bytes = options->limit_bytes;
  return all().last_handle;
}

void count_new(arena_state& arena, std::size_t bytes) {
  connarena_stats& counters = arena.counters;
  ++counters.allocations;
  counters.live_bytes += bytes;
  counters.footprint_bytes = counters.live_bytes;
  counters.peak_bytes = std::max(counters.peak_bytes, counters.footprint_bytes);
}

void count_gone(arena_state& arena, std::size_t bytes) {
  ++arena.counters.deallocations;
  arena.counters.live_bytes -= bytes;
  arena.counters.footprint_bytes = arena.counters.live_bytes;
}

void* aligned_alloc(connarena_t handle, std::size_t alignment, std::size_t bytes) {
  if (!std::has_single_bit(alignment)) return fail(EINVAL, nullptr);
  const std::lock_guard<std::mutex> hold(all().mutex);
  arena_state* const arena = find(handle);
  if (arena == nullptr) return fail(ESTALE, nullptr);
  if (bytes > arena->limit_bytes - arena->counters.live_bytes) return fail(ENOMEM, nullptr);
  void* block = nullptr;
  if (::posix_memalign(&block, std::max(alignment, malloc_alignment), bytes) != 0) {
    return fail(ENOMEM, nullptr);
  }
  arena->blocks.insert(block);
  all().blocks[block] = {handle, bytes};
  all().live_bytes += bytes;
  count_new(*arena, bytes);
  return block;
}

void* calloc(connarena_t handle, std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return fail(ENOMEM, nullptr);
  void* const block = aligned_alloc(handle, malloc_alignment, bytes);
  return block != nullptr ? std::memset(block, 0, bytes) : nullptr;
}

/// False if it is no block.
[[nodiscard]] bool look_up(const void* block, block_state& state) {
  const std::lock_guard<std::mutex> hold(all().mutex);
  const auto found = all().blocks.find(block);
  if (found == all().blocks.end()) return false;
  state = found->second;
  return true;
}

void free(void* block) {
  // A resource that drains has blocks of the core's own.
  if (core::owns(block)) return static_cast<void>(core::deallocate(block));
  {
    const std::lock_guard<std::mutex> hold(all().mutex);
    const auto found = all().blocks.find(block);
    if (found != all().blocks.end()) {
      if (arena_state* const arena = find(found->second.arena)) {
        arena->blocks.erase(block);
        count_gone(*arena, found->second.bytes);
      }
      forget(block);
    }
  }
  std::free(block);
}

/// Always to a new place: so that the use of the old one is found.
void* realloc(connarena_t handle, void* block, std::size_t bytes) {
  block_state old{};
  // What is no block is the sanitizer's to report.
  if (!look_up(block, old)) return std::realloc(block, bytes);
  void* const moved = aligned_alloc(old.arena != 0 ? old.arena : handle, malloc_alignment, bytes);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(old.bytes, bytes));
  free(block);
  return moved;
}

std::size_t usable_size(const void* block) {
  if (core::owns(block)) return core::usable_size(block);
  block_state state{};
  return look_up(block, state) ? state.bytes : 0;
}

connarena_t of(const void* block) {
  if (core::owns(block)) return core::owner_of(block);
  block_state state{};
  return look_up(block, state) ? state.arena : 0;
}

int release(connarena_t handle) {
  const std::lock_guard<std::mutex> hold(all().mutex);
  arena_state* const arena = find(handle);
  if (arena == nullptr) return fail(ESTALE, -1);
  empty(*arena);
  return 0;
}

int close(connarena_t handle) {
  const std::lock_guard<std::mutex> hold(all().mutex);
  arena_state* const arena = find(handle);
  if (arena == nullptr) return fail(ESTALE, -1);
  for (const void* const block : arena->blocks) all().blocks[block].arena = 0;
  all().arenas.erase(handle);
  return 0;
}

int destroy(connarena_t handle) {
  const std::lock_guard<std::mutex> hold(all().mutex);
  arena_state* const arena = find(handle);
  if (arena == nullptr) return fail(ESTALE, -1);
  empty(*arena);
  all().arenas.erase(handle);
  return 0;
}

connarena_t enter(connarena_t handle) {
  const std::lock_guard<std::mutex> hold(all().mutex);
  const connarena_t previous = find(entered) != nullptr ? entered : 0;
  entered = find(handle) != nullptr ? handle : 0;
  return previous;
}

void leave(connarena_t previous) { enter(previous); }

connarena_t of_fd(int) { return fail(ENOTSUP, connarena_t{0}); }

int get_stats(connarena_t handle, connarena_stats* stats) {
  const std::lock_guard<std::mutex> hold(all().mutex);
  const arena_state* const arena = find(handle);
  if (arena == nullptr) return fail(ESTALE, -1);
  *stats = arena->counters;
  return 0;
}

void get_process_stats(connarena_process_stats* stats) {
  const std::lock_guard<std::mutex> hold(all().mutex);
  *stats = {};
  stats->live_bytes = all().live_bytes;
  stats->footprint_bytes = all().live_bytes;
  stats->reserved_bytes = all().live_bytes;
  stats->arenas_open = all().arenas.size();
}

constexpr c_face face{
    face_version, create, aligned_alloc, calloc, realloc, free,  usable_size, of,
    release,      close,  destroy,       enter,  leave,   of_fd, get_stats,   get_process_stats};

}  // namespace

const c_face* sanitizer_face() noexcept {
  if (__asan_init == nullptr) return nullptr;
  static_cast<void>(pthread_atfork([] { all().mutex.lock(); }, [] { all().mutex.unlock(); },
                                   [] { all().mutex.unlock(); }));
  return &face;
}

}  // namespace connarena
