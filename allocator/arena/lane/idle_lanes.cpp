#include "arena/lane/idle_lanes.hpp"

#include <algorithm>
#include <bit>

#include "arena/lane/access.hpp"
#include "arena/lane/lone_lane.hpp"
#include "heap/slot_pool.hpp"

namespace connarena {
namespace {

constexpr std::uint32_t word_slabs = 64;
/// A bit for each slab of lanes.
constinit std::atomic<std::uint64_t> noted[most_slabs / word_slabs + 1]{};

/// Whether others may ever look in.
bool is_open_to_others(const lane& in) noexcept {
  if (in.any_thread) return true;
  return in.lone.load(std::memory_order_relaxed) != lone_lane::shut && owners_possible();
}

template <typename Look>
void for_each_of_slab(std::uint32_t slab, Look look) noexcept {
  const std::uint32_t first = slab * slab_places;
  const std::uint32_t end = std::min(first + slab_places, places_end(place::lane));
  for (std::uint32_t index = std::max(first, 1u); index < end; ++index) {
    lane& each = lane_at(index);
    // acquire: pairs with the release that opened it
    if (each.generation.load(std::memory_order_acquire) == 0) continue;
    if (is_open_to_others(each)) look(each);
  }
}

}  // namespace

void note_idle(const lane& in) noexcept {
  const std::uint32_t slab = in.index / slab_places;
  std::atomic<std::uint64_t>& word = noted[slab / word_slabs];
  const std::uint64_t bit = std::uint64_t{1} << slab % word_slabs;
  if ((word.load(std::memory_order_relaxed) & bit) == 0) {
    word.fetch_or(bit, std::memory_order_relaxed);
  }
}

void take_idle_lanes(const idle_look& by) noexcept {
  joint_visit visiting;
  const std::uint32_t slabs = places_end(place::lane) / slab_places;
  for (std::uint32_t first = 0; first < slabs && !by.is_done(); first += word_slabs) {
    std::atomic<std::uint64_t>& word = noted[first / word_slabs];
    if (word.load(std::memory_order_relaxed) == 0) continue;
    std::uint64_t bits = word.exchange(0, std::memory_order_relaxed);
    for (; bits != 0 && !by.is_done(); bits &= bits - 1) {
      for_each_of_slab(first + static_cast<std::uint32_t>(std::countr_zero(bits)), [&](lane& each) {
        if (!by.is_wanted(each)) return;
        // Its thread may be inside.
        if (!each.any_thread) note_idle(each);
        visiting.add_or_look(each, by.look);
      });
    }
    if (bits != 0) word.fetch_or(bits, std::memory_order_relaxed);
  }
  visiting.look_and_leave(by.look);
}

}  // namespace connarena
