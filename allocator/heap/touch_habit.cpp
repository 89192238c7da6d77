#include "heap/touch_habit.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>

#include "heap/region.hpp"
#include "heap/threads.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

// A single page is as cheap by its fault. What is longer takes long in one call.
constexpr std::size_t least_pages = 2;
constexpr std::size_t most_pages = os::most_counted_bytes / page_bytes;
constexpr std::size_t doublings = std::bit_width(most_pages) - std::bit_width(least_pages) + 1;

// Of a thread's fresh runs one in so many is left to be looked at, when as many others have come:
// a message that arrives in parts is whole by then. Prime, so that of kinds that take turns each
// is looked at.
constexpr std::uint32_t runs_a_look = 17;
// So many looks in a row have to find all touched.
constexpr int enough_looks = 2;

constexpr std::size_t habit_count = std::size_t{2} * 2 * doublings;
/// Looks in a row that have found all touched. Seldom written: threads share them.
constinit std::atomic<std::uint8_t> habits[habit_count];

/// By kind of run, by how it came to be, and by length. Pre: there are two pages or more.
std::uint32_t habit_of(unit_index run, came_to_be how, std::size_t pages) noexcept {
  const std::size_t kind = run < region.base_runs.begin ? 0 : 1;
  const std::size_t doubling = std::bit_width(pages) - std::bit_width(least_pages);
  return static_cast<std::uint32_t>((kind * 2 + static_cast<std::size_t>(how)) * doublings +
                                    doubling);
}

/// Units whose pages of the system they have alone.
struct whole_pages {
  unit_index first;
  unit_index end;

  [[nodiscard]] char* address() const noexcept { return quarter_address({first}); }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return (quarter_index{end} - quarter_index{first}) * quarter_bytes;
  }
  [[nodiscard]] std::size_t count() const noexcept { return bytes() / region.system_page_bytes; }
};

/// Looks at the run that the thread has left as it was.
void look_at_watched(const watched_run& watched) noexcept {
  const whole_pages pages{watched.first, watched.end};
  if (pages.count() == 0) return;
  // A run may be an eighth longer than its block.
  const std::size_t untouched = pages.count() - os::resident_pages(pages.address(), pages.bytes());
  std::atomic<std::uint8_t>& looks = habits[watched.habit];
  // relaxed: it says nothing of memory, and of two who look at once one may be forgotten
  const std::uint8_t before = looks.load(std::memory_order_relaxed);
  const auto one_more = static_cast<std::uint8_t>(std::min(before + 1, enough_looks));
  const std::uint8_t now = untouched * 8 <= pages.count() ? one_more : std::uint8_t{0};
  if (now != before) looks.store(now, std::memory_order_relaxed);
}

}  // namespace

void fill_by_habit(quarter_index run, std::uint32_t quarters, came_to_be how) noexcept {
  thread_slot* const self = known_thread();
  if (self == nullptr || !os::allows_uncommon_calls()) return;
  const region_part& part = part_of(run.unit);
  // The block starts in the first page and ends in the last.
  const whole_pages around{whole_pages_begin(part, run.unit),
                           whole_pages_end(part, run.unit + quarters)};
  if (around.count() < least_pages || around.bytes() > os::most_counted_bytes) return;
  const std::uint32_t habit = habit_of(run.unit, how, around.count());
  if (self->fresh_runs++ % runs_a_look == 0) {
    look_at_watched(self->watched);
    // Of pages that it shares with others, those touch some as well.
    const unit_index first = whole_pages_end(part, run.unit);
    self->watched = {first, std::max(first, whole_pages_begin(part, run.unit + quarters)), habit};
  } else if (habits[habit].load(std::memory_order_relaxed) == enough_looks) {
    os::fill(around.address(), around.bytes());
  }
}

}  // namespace connarena
