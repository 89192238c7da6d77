// core_sandbox.cpp - a process that is about to forbid itself calls to the system.
#include "api/core.hpp"
#include "arena/lane/access.hpp"
#include "arena/totals.hpp"
#include "heap/hardening.hpp"
#include "heap/region.hpp"
#include "os/os.hpp"

namespace connarena::core {
namespace {

/// Every part of the region is committed up to its first step, which is large.
void commit_first_steps() noexcept {
  constexpr std::size_t alignment = granule_bytes;
  if (const handle arena = open_arena(SIZE_MAX, nullptr)) {
    static_cast<void>(allocate(arena, 2 * page_bytes, alignment));
    for (int i = 0; i < 2; ++i) {  // the second is past the first block
      static_cast<void>(allocate(arena, page_bytes / 2, alignment));
    }
    destroy_arena(arena);
  }
  if (void* const block = allocate_unowned(2 * page_bytes, alignment)) deallocate(block);
}

}  // namespace

void enter_sandbox(allowed_calls allowed) noexcept {
  if (!region_ready()) return;
  static_cast<void>(this_thread());
  static_cast<void>(owners_possible());
  if (!allowed.protect) commit_first_steps();
  if (!allowed.fence) end_ownership();
  if (is_hardened()) static_cast<void>(os::guards_split_mappings());
  os::restrict_calls({allowed.protect, allowed.advise, allowed.advise_guards});
}

bool fence_all_threads() noexcept { return owners_possible() && os::fence_all_threads(); }

}  // namespace connarena::core
