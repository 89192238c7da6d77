#include "arena/runs/guards.hpp"

#include "heap/hardening.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

// 128 KiB.
constexpr std::uint32_t least_guarded_pages = 128;
// A guarded run splits the mapping it lies in into at most five, and Linux allows a
// process 65,530 mappings by default: a quarter of them.
constexpr std::uint32_t most_splitting_runs = 4096;

std::atomic<std::uint32_t> splitting_runs{0};

bool take_turn() noexcept {
  if (!os::guards_split_mappings()) return true;
  if (splitting_runs.fetch_add(1, std::memory_order_relaxed) < most_splitting_runs) return true;
  splitting_runs.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void give_turn() noexcept {
  if (os::guards_split_mappings()) splitting_runs.fetch_sub(1, std::memory_order_relaxed);
}

bool guard(page_index first, std::uint32_t pages) noexcept {
  return os::guard(run_page_address(first), std::size_t{pages} << run_page_shift);
}

bool unguard(page_index first, std::uint32_t pages) noexcept {
  return os::unguard(run_page_address(first), std::size_t{pages} << run_page_shift);
}

}  // namespace

bool wants_guards(std::uint32_t pages) noexcept {
  return is_hardened() && pages >= least_guarded_pages;
}

bool set_guards(page_index run, std::uint32_t before, std::uint32_t pages,
                std::uint32_t behind) noexcept {
  if (!take_turn()) return false;
  if (!guard(run + pages, behind)) {
    give_turn();
    return false;
  }
  // Where the system refuses the one before, that page is only unused.
  static_cast<void>(guard(run - before, before));
  guard_info(run - 1).pages() = before;
  region.owners[run - 1].store(make_owner(page_kind::guard, 0), std::memory_order_relaxed);
  return true;
}

bool lift_guards(page_index run, std::uint32_t pages, std::uint32_t behind) noexcept {
  const std::uint32_t before = pages_before(run);
  region.owners[run - 1].store(make_owner(page_kind::none, 0), std::memory_order_relaxed);
  const bool is_lifted = unguard(run - before, before);
  if (!unguard(run + pages, behind) || !is_lifted) return false;
  give_turn();
  return true;
}

bool move_guard(page_index run, std::uint32_t from, std::uint32_t to) noexcept {
  return to > from ? unguard(run + from, to - from) : guard(run + to, from - to);
}

bool move_guard_on(page_index run, std::uint32_t pages, std::uint32_t behind,
                   std::uint32_t more) noexcept {
  if (!unguard(run + pages, behind)) return false;
  // Where the system refuses it, the pages there are only unused.
  if (!guard(run + pages + more, behind)) {
    wipe(run_page_address(run + pages + more), std::size_t{behind} << run_page_shift);
  }
  return true;
}

}  // namespace connarena
