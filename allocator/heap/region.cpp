#include "heap/region.hpp"

#include <algorithm>

#include "base/checks.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

// ThreadSanitizer refuses 1 TiB, so half of that is the most.
constexpr std::size_t most_region_bytes = 512 * gib;
constexpr std::size_t least_region_bytes = 64 * mib;
// 2^32 granules: a 32-bit index reaches every small block.
constexpr std::size_t most_small_bytes = 64 * gib;
// One commit is one system call; smaller steps would make them visible.
constexpr std::size_t commit_step_pages = 32 * mib / page_bytes;

lock reserving;
std::atomic<bool> is_reserved{false};
bool was_refused = false;

struct sizes {
  std::size_t region, small, control, granules, pages;
  [[nodiscard]] std::size_t total() const noexcept { return region + granules + pages; }
};

sizes sizes_for(std::size_t region_bytes) noexcept {
  sizes out{};
  out.region = region_bytes;
  out.small = std::min(most_small_bytes, region_bytes / 8);
  // 9 pages of control blocks to every 64 pages of small blocks.
  out.control = out.small / (64 * page_bytes) * (9 * page_bytes);
  out.granules = round_up(out.small / granule_bytes, page_bytes);
  out.pages = round_up(region_bytes / page_bytes * sizeof(page_entry), page_bytes);
  return out;
}

void lay_out(char* base, const sizes& size) noexcept {
  const auto pages = [](std::size_t bytes) { return static_cast<page_index>(bytes / page_bytes); };
  region.granules = reinterpret_cast<std::uint8_t*>(base + size.region);
  region.pages = reinterpret_cast<page_entry*>(base + size.region + size.granules);
  region.small_bytes = size.small;
  region.control_end = static_cast<granule_index>(size.control / granule_bytes);
  region.link_key = os::random_number();
  region.reserved_bytes = size.total();
  region.control = {0, pages(size.control), 0, true};
  region.small = {pages(size.control), pages(size.small), pages(size.control), true};
  region.runs = {pages(size.small), pages(size.region), pages(size.small), false};
  region.base = base;
  region.bytes = size.region;
}

bool reserve_region() noexcept {
  const std::size_t limit = os::address_space_limit();
  for (std::size_t bytes = most_region_bytes; bytes >= least_region_bytes; bytes /= 2) {
    const sizes size = sizes_for(bytes);
    if (limit != SIZE_MAX && size.total() > limit / 4) continue;
    void* const base = os::reserve(size.total());
    if (base == nullptr) continue;
    lay_out(static_cast<char*>(base), size);
    return true;
  }
  return false;
}

bool commit_table(void* table, std::size_t entry_bytes, std::size_t from, std::size_t to) noexcept {
  const std::size_t begin = round_down(from * entry_bytes, page_bytes);
  const std::size_t end = round_up(to * entry_bytes, page_bytes);
  return os::commit(static_cast<char*>(table) + begin, end - begin);
}

}  // namespace

constinit region_state region{};

bool region_ready() noexcept {
  // acquire: pairs with the release below
  if (is_reserved.load(std::memory_order_acquire)) return true;
  const lock_guard guard(reserving);
  if (is_reserved.load(std::memory_order_relaxed)) return true;
  if (was_refused || !reserve_region()) {
    was_refused = true;
    return false;
  }
  is_reserved.store(true, std::memory_order_release);
  return true;
}

bool commit_part(region_part& part, page_index end) noexcept {
  if (end <= part.committed) return true;
  if (end > part.end || end < part.committed) return false;
  const page_index from = part.committed;
  const auto goal = static_cast<page_index>(
      std::min<std::size_t>(part.end, std::max<std::size_t>(end, from + commit_step_pages)));
  const std::size_t step_bytes = std::size_t{goal - from} << page_shift;
  if (!commit_table(region.pages, sizeof(page_entry), from, goal)) return false;
  if (part.has_granules && !commit_table(region.granules, page_granules, from, goal)) return false;
  if (!os::commit(page_address(from), step_bytes)) return false;
  part.committed = goal;
  return true;
}

}  // namespace connarena
