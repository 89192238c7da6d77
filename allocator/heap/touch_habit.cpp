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
// a message that arrives in parts is whole by then.
constexpr std::uint32_t runs_a_look = 16;
// So many looks in a row have to find all touched.
constexpr std::uint32_t enough_looks = 2;

struct habit {
  std::atomic<std::uint32_t> touched_in_a_row{0};
  std::atomic<std::uint64_t> watched{0};  ///< first unit << 32 | units; 0: none
};

/// By kind of run, by how it came to be, and by length.
constinit habit habits[2][2][doublings];

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

/// Looks at the run that was left as it is.
void look_at_watched(habit& of) noexcept {
  // relaxed: whoever watches says nothing of memory
  const std::uint64_t watched = of.watched.exchange(0, std::memory_order_relaxed);
  if (watched == 0) return;
  const auto first = static_cast<unit_index>(watched >> 32);
  const whole_pages pages{first, first + static_cast<std::uint32_t>(watched)};
  // A run may be an eighth longer than its block.
  const std::size_t untouched = pages.count() - os::resident_pages(pages.address(), pages.bytes());
  const bool is_touched = untouched * 8 <= pages.count();
  const std::uint32_t before = of.touched_in_a_row.load(std::memory_order_relaxed);
  of.touched_in_a_row.store(is_touched ? std::min(before + 1, enough_looks) : 0,
                            std::memory_order_relaxed);
}

/// Of pages that it shares with others, those touch some as well.
void watch(habit& of, const region_part& part, quarter_index run, std::uint32_t quarters) noexcept {
  const unit_index first = whole_pages_end(part, run.unit);
  const unit_index end = whole_pages_begin(part, run.unit + quarters);
  if (first < end) {
    of.watched.store(std::uint64_t{first} << 32 | (end - first), std::memory_order_relaxed);
  }
}

}  // namespace

void fill_by_habit(quarter_index run, std::uint32_t quarters, came_to_be how) noexcept {
  thread_slot& self = this_thread();
  if (!os::allows_uncommon_calls() || !self.is_registered()) return;
  const region_part& part = part_of(run.unit);
  // The block starts in the first page and ends in the last.
  const whole_pages around{whole_pages_begin(part, run.unit),
                           whole_pages_end(part, run.unit + quarters)};
  if (around.count() < least_pages || around.bytes() > os::most_counted_bytes) return;
  habit& its = habits[&part == &region.runs ? 0 : 1][static_cast<std::size_t>(how)]
                     [std::bit_width(around.count()) - std::bit_width(least_pages)];
  const bool is_habit = its.touched_in_a_row.load(std::memory_order_relaxed) == enough_looks;
  if (self.fresh_runs++ % runs_a_look == 0) {
    look_at_watched(its);
    watch(its, part, run, quarters);
  } else if (is_habit) {
    os::fill(around.address(), around.bytes());
  }
}

}  // namespace connarena
