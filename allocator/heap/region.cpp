#include "heap/region.hpp"

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

bool purge_units(unit_index first, std::uint32_t pages) noexcept {
  const region_part& part = part_of(first);
  const unit_index end = first + pages;
  const unit_index inner = whole_pages_end(part, first);
  const unit_index inner_end = whole_pages_begin(part, end);
  const auto bytes = [&part](unit_index from, unit_index to) {
    return std::size_t{to - from} << part.shift;
  };
  if (inner >= inner_end) {
    __builtin_memset(address_in(part, first), 0, bytes(first, end));
    return true;
  }
  if (!os::purge(address_in(part, inner), bytes(inner, inner_end))) return false;
  __builtin_memset(address_in(part, first), 0, bytes(first, inner));
  __builtin_memset(address_in(part, inner_end), 0, bytes(inner_end, end));
  return true;
}

}  // namespace connarena
