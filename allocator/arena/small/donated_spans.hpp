// donated_spans.hpp - where donation.cpp keeps what is donated, and the check of it.
//
// Threads: under `guard`; the counts for themselves are read by any.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

#include "arena/lane/lane.hpp"
#include "arena/small/granules.hpp"
#include "base/checked.hpp"
#include "heap/page_infos.hpp"
#include "os/lock.hpp"

namespace connarena {

// A gap below this is not worth a lane's while.
inline constexpr std::uint32_t least_listed_gap = 4;

/// Donated spans by their largest gap: a list for each doubling, the last to
/// come first.
struct gap_lists {
  static constexpr std::uint32_t count = 9;
  span_id heads[count]{};

  [[nodiscard]] static std::uint32_t list_of(std::uint32_t gap) noexcept {
    return static_cast<std::uint32_t>(std::bit_width(gap)) - 1;
  }
};
static_assert(page_granules < 1u << gap_lists::count);

/// Pages and first blocks that are donated, and granules of survivors in them.
struct donated_counts {
  std::uint64_t pages, first_blocks, live_granules;
};

struct donated_spans {
  lock guard;
  gap_lists spans;
  gap_lists first_blocks;
  donated_counts counts{};
  page_index near = 0;  ///< right behind the pages adopted last
  std::atomic<std::uint32_t> spans_held{0};
  std::atomic<std::uint32_t> listed_spans{0};
  std::atomic<std::uint32_t> listed_first_blocks{0};
};

[[nodiscard]] inline span_id& prev_span(span_id span) noexcept {
  return in_first_blocks(span) ? region.links[span / first_block_granules].prev
                               : donated_info(page_of(span)).prev();
}
/// The largest stretch of a donated span that nothing covers; 0 if it is not worth listing.
[[nodiscard]] std::uint32_t largest_gap(span_id span) noexcept;
/// The listed gap of a donated span; 0: it is not on a list.
[[nodiscard]] inline std::uint32_t listed_gap(span_id span) noexcept {
  return index_of(owner_at(span).load(std::memory_order_relaxed));
}

/// See base/checked.hpp. The whole: as far as the part of small pages goes.
void check(const donated_spans& of) noexcept;
std::uint64_t check_whole(const donated_spans& of) noexcept;

}  // namespace connarena
