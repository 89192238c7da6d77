// sanitizer_api.cpp - arenas whose blocks are AddressSanitizer's own.
//
// Each block is one of malloc, which the sanitizer has replaced, and freed when its
// arena ends: so it knows every block's exact size, and names the lines that allocated,
// freed and used it; and LeakSanitizer follows what blocks point at. The lines of the
// program are what matters, hence one lock, and lookups in a table; a pointer that is
// in no table goes to the sanitizer's free, which says what is wrong with it.
//
// Threads: any. Invariant: a block of an open arena is in that arena's list; a survivor
// is in the table of blocks only. A C program links the static library without the C++
// runtime, so nothing here needs it.
#include "api/sanitizer_api.hpp"

#include <pthread.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "api/sanitizer_state.hpp"
#include "api/sized_struct.hpp"
#include "arena/small/faults.hpp"

// There in a program that is compiled with AddressSanitizer.
extern "C" [[gnu::weak]] void __asan_init();

namespace connarena {

using namespace sanitized;

namespace {

constexpr std::size_t malloc_alignment = 16;

thread_local connarena_t entered = 0;

void link(arena_state& arena, block_state& block) {
  block.next = arena.blocks;
  if (block.next != nullptr) block.next->previous = &block;
  arena.blocks = &block;
}

void unlink(arena_state& arena, block_state& block) {
  (block.previous != nullptr ? block.previous->next : arena.blocks) = block.next;
  if (block.next != nullptr) block.next->previous = block.previous;
}

void forget(block_state& block) {
  all.live_bytes -= block.bytes;
  all.blocks.remove(block);
}

/// Frees every block of an arena.
void empty(arena_state& arena) {
  while (block_state* const block = arena.blocks) {
    unlink(arena, *block);
    std::free(const_cast<void*>(block->key));
    forget(*block);
  }
  arena.counters.deallocations = arena.counters.allocations;
  arena.counters.live_bytes = 0;
  arena.counters.footprint_bytes = 0;
  note_less(arena);
}

/// Pre: the caller holds the lock.
connarena_t open(const connarena_options& options) {
  arena_state* const made = all.arenas.add(all.last_handle + 1);
  if (made == nullptr) return fail(ENOMEM, connarena_t{0});
  made->name = options.name;
  if (options.limit_bytes != 0) made->limit_bytes = options.limit_bytes;
  return ++all.last_handle;
}

connarena_t create(const connarena_options* options, size_t options_size) {
  connarena_options wanted{};
  if (!take_struct(wanted, options, options_size)) return 0;
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  return open(wanted);
}

connarena_t own_arena() {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  if (all.own_handle == 0) all.own_handle = open({});
  return all.own_handle;
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
  note_less(arena);
}

/// Pre: the caller holds the lock.
void* allocate_in(connarena_t handle, std::size_t alignment, std::size_t bytes,
                  limit_notice& notice) {
  arena_state* const arena = find(handle);
  if (arena == nullptr) return fail(ESTALE, nullptr);
  if (!has_room(*arena, bytes)) return fail(EDQUOT, nullptr);
  void* block = nullptr;
  if (::posix_memalign(&block, std::max(alignment, malloc_alignment), bytes) != 0) {
    return fail(ENOMEM, nullptr);
  }
  block_state* const state = all.blocks.add(block);
  if (state == nullptr) {
    std::free(block);
    return fail(ENOMEM, nullptr);
  }
  state->arena = handle;
  state->bytes = bytes;
  link(*arena, *state);
  all.live_bytes += bytes;
  count_new(*arena, bytes);
  notice = notice_of(*arena);
  return block;
}

void* aligned_alloc(connarena_t handle, std::size_t alignment, std::size_t bytes) {
  if (!std::has_single_bit(alignment)) return fail(EINVAL, nullptr);
  limit_notice notice;
  void* block = nullptr;
  {
    const lock_guard hold(all.mutex, lock_rank::sanitized);
    block = allocate_in(handle, alignment, bytes, notice);
  }
  notice.deliver();
  return block;
}

void* malloc(connarena_t handle, std::size_t bytes) {
  return aligned_alloc(handle, malloc_alignment, bytes);
}

void* calloc(connarena_t handle, std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return fail(ENOMEM, nullptr);
  void* const block = aligned_alloc(handle, malloc_alignment, bytes);
  return block != nullptr ? std::memset(block, 0, bytes) : nullptr;
}

/// False if it is no block.
[[nodiscard]] bool look_up(const void* block, block_state& state) {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  const block_state* const found = all.blocks.find(block);
  if (found == nullptr) return false;
  state = *found;
  return true;
}

/// Takes a block out of the tables. `none`: it is not in them.
free_result take_out(const void* block) {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  block_state* const found = all.blocks.find(block);
  if (found == nullptr) return free_result::none;
  arena_state* const arena = find(found->arena);
  const bool outlived_it = arena == nullptr || found->arena == all.own_handle;
  if (arena != nullptr) {
    unlink(*arena, *found);
    count_gone(*arena, found->bytes);
  }
  forget(*found);
  return outlived_it ? free_result::survivor : free_result::owned;
}

void free(void* block) {
  static_cast<void>(take_out(block));
  std::free(block);  // which reports what is no block
}

void free_sized(void* block, std::size_t bytes) {
  block_state state{};
  if (look_up(block, state) && state.bytes != bytes) die_wrong_size(block, bytes);
  free(block);
}

/// Always to a new place: so that the use of the old one is found.
void* realloc(connarena_t handle, void* block, std::size_t bytes) {
  if (block == nullptr) return malloc(handle, bytes);
  block_state old{};
  if (!look_up(block, old)) return std::realloc(block, bytes);
  void* const moved = aligned_alloc(old.arena != 0 ? old.arena : handle, malloc_alignment, bytes);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(old.bytes, bytes));
  free(block);
  return moved;
}

std::size_t usable_size(const void* block) {
  block_state state{};
  return look_up(block, state) ? state.bytes : 0;
}

connarena_t of(const void* block) {
  block_state state{};
  return look_up(block, state) ? state.arena : 0;
}

/// The sanitizer knows sizes, but no arenas.
free_result deallocate_of(connarena_t handle, void* block, std::size_t bytes) {
  block_state state{};
  const connarena_t owner = look_up(block, state) ? state.arena : 0;
  if (owner != 0 && owner != handle && owner != own_arena()) die_of_bad_free(0, block, bytes);
  const free_result end = take_out(block);
  std::free(block);
  return end;
}

void* reallocate_of(connarena_t handle, void* block, std::size_t old_bytes, std::size_t bytes) {
  block_state state{};
  if (look_up(block, state) && state.arena != handle) {
    if (!is_open(handle)) return fail(ESTALE, nullptr);
    die_of_bad_free(0, block, old_bytes);
  }
  return realloc(handle, block, bytes);
}

/// The arena that a call is about to end; null, with errno, where it can not.
arena_state* find_to_end(connarena_t handle) {
  if (handle != 0 && handle == all.own_handle) return fail<arena_state*>(EPERM, nullptr);
  arena_state* const arena = find(handle);
  return arena != nullptr ? arena : fail<arena_state*>(ESTALE, nullptr);
}

int release(connarena_t handle) {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  arena_state* const arena = find_to_end(handle);
  if (arena == nullptr) return -1;
  empty(*arena);
  return 0;
}

int drain(connarena_t handle, std::size_t* survivors) {
  *survivors = 0;
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  arena_state* const arena = find_to_end(handle);
  if (arena == nullptr) return -1;
  for (block_state* each = arena->blocks; each != nullptr; each = each->next) {
    each->arena = 0;
    ++*survivors;
  }
  all.arenas.remove(*arena);
  return 0;
}

int close(connarena_t handle) {
  std::size_t survivors = 0;
  return drain(handle, &survivors);
}

int destroy(connarena_t handle) {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  arena_state* const arena = find_to_end(handle);
  if (arena == nullptr) return -1;
  empty(*arena);
  all.arenas.remove(*arena);
  return 0;
}

connarena_t enter(connarena_t handle) {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  const connarena_t previous = find(entered) != nullptr ? entered : 0;
  entered = find(handle) != nullptr ? handle : 0;
  return previous;
}

void leave(connarena_t previous) { enter(previous); }

connarena_t of_fd(int) { return fail(ENOTSUP, connarena_t{0}); }

int get_stats(connarena_t handle, connarena_stats* stats, size_t stats_size) {
  if (!is_struct_size(stats_size)) return -1;
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  const arena_state* const arena = find(handle);
  if (arena == nullptr) return fail(ESTALE, -1);
  give_struct(stats, stats_size, arena->counters);
  return 0;
}

/// What is free the sanitizer keeps.
int idle() { return -1; }
int trim() { return 0; }
int publish() { return fail(ENOTSUP, -1); }

int owns(const void* block) {
  block_state state{};
  return look_up(block, state) ? 1 : 0;
}

int get_process_stats(connarena_process_stats* stats, size_t stats_size) {
  if (!is_struct_size(stats_size)) return -1;
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  connarena_process_stats counters{};
  counters.live_bytes = all.live_bytes;
  counters.footprint_bytes = all.live_bytes;
  counters.reserved_bytes = all.live_bytes;
  counters.arenas_open = all.arenas.size() - (all.own_handle != 0 ? 1 : 0);
  give_struct(stats, stats_size, counters);
  return 0;
}

constexpr api_table table_of_calls{
    .version = api_version,
    .size_bytes = sizeof(api_table),
    .create = create,
    .malloc = malloc,
    .calloc = calloc,
    .realloc = realloc,
    .aligned_alloc = aligned_alloc,
    .free = free,
    .usable_size = usable_size,
    .of = of,
    .release = release,
    .close = close,
    .destroy = destroy,
    .enter = enter,
    .leave = leave,
    .of_fd = of_fd,
    .get_stats = get_stats,
    .get_process_stats = get_process_stats,
    .idle = idle,
    .create_resource = create,
    .own_arena = own_arena,
    .deallocate_of = deallocate_of,
    .reallocate_of = reallocate_of,
    .drain = drain,
    .owns = owns,
    .trim = trim,
    .name = name,
    .user = user,
    .set_user = set_user,
    .next = next,
    .free_sized = free_sized,
    .publish = publish,
    .set_limit = set_limit,
    .set_soft_limit = set_soft_limit,
};

}  // namespace

const api_table* sanitizer_api() noexcept {
  if (__asan_init == nullptr) return nullptr;
  static_cast<void>(pthread_atfork([] { all.mutex.acquire(lock_rank::sanitized); },
                                   [] { all.mutex.release(lock_rank::sanitized); },
                                   [] { all.mutex.reset(lock_rank::sanitized); }));
  return &table_of_calls;
}

}  // namespace connarena
