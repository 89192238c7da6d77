#include "heap/region.hpp"

#include <algorithm>

#include "os/os.hpp"

namespace connarena {

constinit region_state region{};

std::size_t reserved_end(const region_part& part) noexcept {
  const unit_index reserved =
      std::atomic_ref(const_cast<unit_index&>(part.reserved)).load(std::memory_order_relaxed);
  return offset_in_region(address_in(part, reserved));
}

bool is_reserved(std::size_t offset) noexcept {
  for (const region_part* each : {&region.slots, &region.small, &region.runs, &region.base_runs}) {
    if (offset >= reserved_begin(*each) && offset < reserved_end(*each)) return true;
  }
  return false;
}

namespace {

/// Units that go to the system, and those beside them that share its pages with others.
struct leaving_units {
  const region_part* part;
  unit_index first, inner, inner_end, end;

  explicit leaving_units(const unit_range& range) noexcept
      : part(&part_of(range.first)), first(range.first), end(first + range.units) {
    inner = std::min(whole_pages_end(*part, first), end);
    inner_end = std::max(whole_pages_begin(*part, end), inner);
  }
  [[nodiscard]] std::size_t bytes(unit_index from, unit_index to) const noexcept {
    return std::size_t{to - from} << part->shift;
  }
  [[nodiscard]] os::stretch whole_pages() const noexcept {
    return {address_in(*part, inner), bytes(inner, inner_end)};
  }
  void zero_the_rest() const noexcept {
    __builtin_memset(address_in(*part, first), 0, bytes(first, inner));
    __builtin_memset(address_in(*part, inner_end), 0, bytes(inner_end, end));
  }
};

}  // namespace

bool purge_units(unit_index first, std::uint32_t units) noexcept {
  const unit_range range{first, units};
  bool has_gone = false;
  purge_units(&range, 1, &has_gone);
  return has_gone;
}

void purge_units(const unit_range* all, std::size_t count, bool* have_gone) noexcept {
  os::stretch stretches[most_ranges_purged]{};
  bool stretch_went[most_ranges_purged]{};
  std::size_t stretch_count = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const os::stretch pages = leaving_units(all[i]).whole_pages();
    if (pages.bytes != 0) stretches[stretch_count++] = pages;
  }
  os::purge_each(stretches, stretch_count, stretch_went);
  const bool* went = stretch_went;
  for (std::size_t i = 0; i < count; ++i) {
    const leaving_units units(all[i]);
    have_gone[i] = units.whole_pages().bytes == 0 || *went++;
    if (have_gone[i]) units.zero_the_rest();
  }
}

}  // namespace connarena
