#include "shim/attribution/placement.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "api/core.hpp"
#include "shim/attribution/ambient.hpp"
#include "shim/attribution/unclaimed.hpp"
#include "shim/attribution/wakes.hpp"
#include "shim/beneath/base_allocator.hpp"
#include "shim/beneath/loader.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/live/publisher.hpp"
#include "shim/report/call_sites.hpp"
#include "shim/report/recorder.hpp"
#include "shim/settings/settings.hpp"

namespace connarena::shim {
namespace {

using core::page_bytes;

constexpr std::size_t malloc_alignment = 16;

/// A block of the core, or where to go instead.
struct attempt {
  void* block;
  bool is_final;  ///< null is the answer: the arena is at its limit
};

/// Asks an entered arena. Its limit is the program's wish; a stale one is none.
template <typename Owned>
attempt try_entered(core::handle entered, Owned owned) noexcept {
  void* const block = owned(entered);
  return {block, block != nullptr || errno != ESTALE};
}

/// The thread has made a run for the connection that it serves.
void note_run(const void* run, core::handle arena) noexcept {
  sign& last = this_thread_state.last_sign;
  if (last >= sign::received) {
    last = sign::worked;
  } else {
    note_unclaimed(run, arena);
  }
}

/// Asks for a block of the entered arena, or else of the served connection's, or else for
/// an unowned one.
template <typename Owned, typename Unowned>
attempt try_core(std::size_t size_bytes, Owned owned, Unowned unowned) noexcept {
  if (const core::handle entered = core::current_arena()) {
    const attempt made = try_entered(entered, owned);
    if (made.is_final) return made;
  } else if (const core::handle serving = ambient_arena()) {
    if (void* const block = owned(serving)) {
      if (size_bytes >= page_bytes) note_run(block, serving);
      return {block, true};
    }
    if (errno == EDQUOT) return {nullptr, true};
  }
  if (!is_for_core(size_bytes)) return {nullptr, false};
  void* const block = unowned();
  if (block != nullptr) note_unclaimed(block, 0);
  return {block, false};
}

/// The core's answer. errno changes only where that is null and final.
template <typename Owned, typename Unowned>
attempt place_in_core(std::size_t size_bytes, Owned owned, Unowned unowned) noexcept {
  if (!may_be_the_cores(size_bytes)) return {nullptr, false};
  const int saved_errno = errno;
  if (this_thread_state.may_have_job) [[unlikely]]
    take_job();
  report::block_is_wanted();
  const attempt made = [&] {
    const inside_core inside;
    return try_core(size_bytes, owned, unowned);
  }();
  report::block_is_made(made.block);
  const bool is_refused = made.block == nullptr && made.is_final;
  if (is_refused && errno == EDQUOT) live::refused();
  // Callers of malloc know no other error.
  errno = is_refused ? ENOMEM : saved_errno;
  return made;
}

[[gnu::always_inline]] inline attempt place_in_core(std::size_t size_bytes) noexcept {
  return place_in_core(
      size_bytes,
      [=](core::handle arena) { return core::allocate(arena, size_bytes, malloc_alignment); },
      [=] { return core::allocate_unowned(size_bytes, malloc_alignment); });
}

/// The core's answer where there is one, else the base allocator's. errno changes
/// only on failure.
template <typename Base>
void* or_from_base(attempt made, Base from_base) noexcept {
  return made.block != nullptr || made.is_final ? made.block : from_base();
}

/// In a hardened process what malloc gives reads as zero: the base allocator knows no
/// connections, and the one that the thread serves is a guess. The first `zero_bytes`
/// do so already, and runs do.
void* wiped(void* block, std::size_t zero_bytes) noexcept {
  if (!core::is_hardened() || block == nullptr) return block;
  const std::size_t usable_bytes = usable_size(block);
  const bool is_run = usable_bytes >= page_bytes && core::owns(block);
  if (is_run || zero_bytes >= usable_bytes) return block;
  std::memset(static_cast<char*>(block) + zero_bytes, 0, usable_bytes - zero_bytes);
  return block;
}

void* resize_in_base(void* block, std::size_t size_bytes) noexcept {
  if (!core::is_hardened()) return base.realloc(block, size_bytes);
  const std::size_t old_bytes = base.malloc_usable_size(block);
  return wiped(base.realloc(block, size_bytes), std::min(old_bytes, size_bytes));
}

/// Copies a block to its new place, if there is one, and frees it.
void* move_to(void* moved, void* block, std::size_t old_bytes, std::size_t size_bytes) noexcept {
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(old_bytes, size_bytes));
  if (core::owns(block)) {
    deallocate_in_core(block);
  } else {
    base.free(block);
  }
  return moved;
}

void* replace_the_cores(void* block, std::size_t size_bytes) noexcept {
  if (size_bytes == 0) {
    deallocate_in_core(block);
    return nullptr;
  }
  const std::size_t old_bytes = core::usable_size(block);
  const bool stays = size_bytes >= current_settings.min_size_bytes || old_bytes < page_bytes;
  if (stays) {
    const inside_core inside;
    const int saved_errno = errno;
    const core::handle entered = core::current_arena();
    const core::handle arena = entered != 0 ? entered : ambient_arena();
    void* const resized = core::reallocate(arena, block, size_bytes);
    if (resized != block) report::block_is_made(resized);
    if (resized != nullptr) return wiped(resized, std::min(old_bytes, size_bytes));
    const bool is_refused = errno == EDQUOT;
    errno = is_refused ? ENOMEM : saved_errno;
    if (is_refused) {
      live::refused();
      return nullptr;
    }
  }
  return move_to(place(size_bytes), block, old_bytes, size_bytes);
}

/// A block that grows so far that the core would have given it. Where the core has
/// no room, the base allocator grows it, without a second one beside it.
void* replace_the_bases(void* block, std::size_t size_bytes) noexcept {
  const attempt made = place_in_core(size_bytes);
  if (made.block == nullptr && !made.is_final) return resize_in_base(block, size_bytes);
  return move_to(made.block, block, base.malloc_usable_size(block), size_bytes);
}

}  // namespace

bool may_be_the_cores(std::size_t size_bytes) noexcept {
  if (this_thread_state.cores_from == 0) choose_direct_sizes();
  return size_bytes >= this_thread_state.cores_from;
}

bool is_for_core(std::size_t size_bytes) noexcept {
  return size_bytes >= page_bytes && size_bytes >= current_settings.min_size_bytes;
}

void* place(std::size_t size_bytes) noexcept {
  // The base allocator knows best which of its large blocks are zero already. For small
  // ones its calloc may pass by its caches, and by the checks that those make.
  if (core::is_hardened() && size_bytes >= page_bytes) return place_zeroed(1, size_bytes);
  return wiped(or_from_base(place_in_core(size_bytes), [=] { return base.malloc(size_bytes); }), 0);
}

void* place_zeroed(std::size_t count, std::size_t size_bytes, const void* caller) noexcept {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size_bytes, &bytes)) {
    errno = ENOMEM;  // not every base allocator says so
    return nullptr;
  }
  if (bytes < this_thread_state.direct_below) [[likely]]
    return base.calloc(count, size_bytes);
  if (is_in_loader(caller)) [[unlikely]]
    return base.calloc(count, size_bytes);
  const attempt made = place_in_core(
      bytes, [=](core::handle arena) { return core::allocate_zeroed(arena, bytes); },
      [=] { return core::allocate_unowned_zeroed(bytes); });
  return wiped(or_from_base(made, [=] { return base.calloc(count, size_bytes); }), bytes);
}

void* place_aligned(std::size_t alignment, std::size_t size_bytes) noexcept {
  const attempt made = place_in_core(
      size_bytes, [=](core::handle arena) { return core::allocate(arena, size_bytes, alignment); },
      [=] { return core::allocate_unowned(size_bytes, alignment); });
  const auto from_base = [=]() -> void* {
    void* block = nullptr;
    const int error = base.posix_memalign(&block, std::max(alignment, sizeof(void*)), size_bytes);
    if (error == 0) return block;
    errno = error;
    return nullptr;
  };
  return wiped(or_from_base(made, from_base), 0);
}

void* replace(void* block, std::size_t size_bytes) noexcept {
  if (block == nullptr) return place(size_bytes);
  if (core::owns(block)) return replace_the_cores(block, size_bytes);
  if (!is_for_core(size_bytes)) return resize_in_base(block, size_bytes);
  return replace_the_bases(block, size_bytes);
}

std::size_t usable_size(const void* block) noexcept {
  if (core::owns(block)) return core::usable_size(block);
  return block != nullptr ? base.malloc_usable_size(const_cast<void*>(block)) : 0;
}

}  // namespace connarena::shim
