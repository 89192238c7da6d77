#include "heap/commits.hpp"

#include <algorithm>

#include "heap/region_layout.hpp"
#include "heap/reservation.hpp"
#include "os/lock.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

// Small at first, and never far from what is used: what is committed counts against
// limits on data, and where a system promises no more than it has.
constexpr std::size_t least_commit_bytes = 64 * kib;
constexpr std::size_t most_commit_bytes = 32 * mib;

lock reserving;
std::atomic<bool> is_chosen{false};
bool was_refused = false;

bool commit_tables(const region_part& part, unit_index from, unit_index to) noexcept {
  return each_table(part, [=, &part](char* table, std::size_t group) noexcept {
    // The page that describes both what is committed and what is not is committed.
    const std::size_t begin = from == part.begin
                                  ? round_down(from * group / group_pages, region.system_page_bytes)
                                  : table_bytes_up_to(from, group);
    const std::size_t end = table_bytes_up_to(to, group);
    return begin >= end || os::commit(table + begin, end - begin);
  });
}

bool commit_up_to(region_part& part, unit_index to) noexcept {
  const unit_index from = part.committed;
  if (!reserve_up_to(part, to) || !commit_tables(part, from, to)) return false;
  if (!os::commit(part_address(part, from), std::size_t{to - from} << part.shift)) return false;
  part.committed = to;
  return true;
}

/// Half of what there is, so that the number of steps is a logarithm.
unit_index commit_step(const region_part& part) noexcept {
  const std::size_t committed = std::size_t{part.committed - part.begin} << part.shift;
  const std::size_t half = is_frugal() ? 0 : round_down(committed / 2, page_bytes);
  const std::size_t bytes = std::clamp(half, least_commit_bytes, most_commit_bytes);
  return static_cast<unit_index>(bytes >> part.shift);
}

}  // namespace

bool region_ready() noexcept {
  // acquire: pairs with the release below
  if (is_chosen.load(std::memory_order_acquire)) return true;
  const lock_guard guard(reserving, lock_rank::reservation);
  if (is_chosen.load(std::memory_order_relaxed)) return true;
  if (was_refused || !choose_range()) {
    was_refused = true;
    return false;
  }
  is_chosen.store(true, std::memory_order_release);
  return true;
}

void lock_reservation() noexcept { reserving.acquire(lock_rank::reservation); }
void unlock_reservation() noexcept { reserving.release(lock_rank::reservation); }

bool commit_part(region_part& part, unit_index end) noexcept {
  end = whole_pages_end(part, end);
  if (end <= part.committed) return true;
  if (end > part.end || end < part.begin) return false;
  // A system that has not so much left may have what is asked for.
  for (unit_index step = commit_step(part);; step /= 32) {
    const unit_index to =
        whole_pages_begin(part, part.committed + std::min(step, part.end - part.committed));
    const unit_index aim = std::max(end, to);
    if (commit_up_to(part, aim)) return true;
    if (aim == end) return false;
  }
}

}  // namespace connarena
