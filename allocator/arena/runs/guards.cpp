#include "arena/runs/guards.hpp"

#include "heap/hardening.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

// 128 KiB.
constexpr std::uint32_t least_guarded_quarters = 128;
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

bool guard(quarter_index first, std::uint32_t quarters) noexcept {
  return os::guard(quarter_address(first), std::size_t{quarters} << quarter_shift);
}

bool unguard(quarter_index first, std::uint32_t quarters) noexcept {
  return os::unguard(quarter_address(first), std::size_t{quarters} << quarter_shift);
}

}  // namespace

bool wants_guards(std::uint32_t quarters) noexcept {
  return is_hardened() && quarters >= least_guarded_quarters;
}

bool set_guards(quarter_index run, std::uint32_t before, std::uint32_t quarters,
                std::uint32_t behind) noexcept {
  if (!take_turn()) return false;
  if (!guard(run + quarters, behind)) {
    give_turn();
    return false;
  }
  // Where the system refuses the one before, that page is only unused.
  static_cast<void>(guard(run - before, before));
  guard_info(run - 1).set_quarters(before);
  owner_at(run - 1).store(make_owner(page_kind::guard, 0), std::memory_order_relaxed);
  return true;
}

bool lift_guards(quarter_index run, std::uint32_t quarters, std::uint32_t behind) noexcept {
  const std::uint32_t before = quarters_before(run);
  owner_at(run - 1).store(make_owner(page_kind::none, 0), std::memory_order_relaxed);
  const bool is_lifted = unguard(run - before, before);
  if (!unguard(run + quarters, behind) || !is_lifted) return false;
  give_turn();
  return true;
}

bool move_guard(quarter_index run, std::uint32_t from, std::uint32_t to) noexcept {
  return to > from ? unguard(run + from, to - from) : guard(run + to, from - to);
}

bool move_guard_on(quarter_index run, std::uint32_t quarters, std::uint32_t behind,
                   std::uint32_t more) noexcept {
  if (!unguard(run + quarters, behind)) return false;
  // Where the system refuses it, the pages there are only unused.
  if (!guard(run + quarters + more, behind)) {
    wipe(quarter_address(run + quarters + more), std::size_t{behind} << quarter_shift);
  }
  return true;
}

}  // namespace connarena
