#include "arena/small/granules.hpp"

#include <bit>

namespace connarena {
namespace {

/// Eight bytes of the table at once. Another thread may turn a live byte of them
/// into a remote one: both are not 0, which is all that is asked.
__attribute__((no_sanitize("thread"))) std::uint64_t load_word(granule_index at) noexcept {
  std::uint64_t word = 0;
  __builtin_memcpy(&word, region.granules + at, sizeof word);
  return word;
}

/// Calls `change` on each byte of a stretch that is not 0, and on its value.
template <typename Change>
void for_each_mark(granule_index from, granule_index to, Change change) noexcept {
  for (granule_index at = next_mark(from, to); at < to; at = next_mark(at + 1, to)) {
    change(std::atomic_ref(region.granules[at]), mark_at(at));
  }
}

}  // namespace

granule_index next_mark(granule_index from, granule_index to) noexcept {
  while (from + 8 <= to && from + 8 > from) {
    if (const std::uint64_t word = load_word(from)) {
      return from + static_cast<granule_index>(std::countr_zero(word)) / 8;
    }
    from += 8;
  }
  while (from < to && mark_at(from) == 0) ++from;
  return from;
}

granule_index skip_blocks(granule_index from, granule_index to) noexcept {
  while (from < to) {
    const std::uint8_t mark = mark_at(from);
    if (mark == 0) break;
    from += class_granules[mark & granule::class_mask];
  }
  return from;
}

std::uint32_t forget_freed(granule_index from, granule_index to) noexcept {
  std::uint32_t occupied = 0;
  for_each_mark(from, to, [&](std::atomic_ref<std::uint8_t> mark, std::uint8_t seen) {
    if ((seen & granule::state_mask) == granule::freed) {
      mark.store(0, std::memory_order_relaxed);
    } else {
      occupied += class_granules[seen & granule::class_mask];
    }
  });
  return occupied;
}

survivor_count mark_survivors(granule_index from, granule_index to) noexcept {
  survivor_count count{};
  for_each_mark(from, to, [&](std::atomic_ref<std::uint8_t> mark, std::uint8_t seen) {
    const std::uint8_t index = seen & granule::class_mask;
    if (seen == (granule::freed | index)) mark.store(0, std::memory_order_relaxed);
    // A thread that frees the block now turns live into remote: either wins.
    const auto survives = static_cast<std::uint8_t>(granule::live | granule::survivor | index);
    if (seen == (granule::live | index) &&
        mark.compare_exchange_strong(seen, survives, std::memory_order_relaxed)) {
      ++count.blocks;
      count.granules += class_granules[index];
    }
    // That thread pushes it to whoever has the page by then, and there it is another's.
    if (seen == (granule::remote | index)) {
      mark.store(static_cast<std::uint8_t>(granule::remote_survivor | index),
                 std::memory_order_relaxed);
    }
  });
  return count;
}

occupied_count count_occupied(granule_index from, granule_index to) noexcept {
  occupied_count count{};
  for_each_mark(from, to, [&](std::atomic_ref<std::uint8_t>, std::uint8_t seen) {
    if (!is_occupied(seen)) return;
    const std::uint8_t state = seen & granule::state_mask;
    const bool is_others = state == granule::live || state == granule::remote;
    (is_others ? count.of_others : count.of_survivors) +=
        class_granules[seen & granule::class_mask];
  });
  return count;
}

ended_count end_live(granule_index from, granule_index to) noexcept {
  ended_count count{0, 0, true};
  for_each_mark(from, to, [&](std::atomic_ref<std::uint8_t> mark, std::uint8_t seen) {
    const std::uint8_t index = seen & granule::class_mask;
    if (seen == (granule::freed | index)) return mark.store(0, std::memory_order_relaxed);
    // release: pairs with the fence of a thread that frees the block now, and finds that
    // it has ended. Either wins.
    if (seen == (granule::live | index) &&
        mark.compare_exchange_strong(seen, 0, std::memory_order_release)) {
      ++count.blocks;
      count.granules += class_granules[index];
    } else {
      count.are_all_here = false;
    }
  });
  return count;
}

void forget_live(granule_index from, granule_index to) noexcept {
  for_each_mark(from, to, [](std::atomic_ref<std::uint8_t> mark, std::uint8_t seen) {
    const std::uint8_t state = seen & granule::state_mask;
    if (state == granule::live || state == granule::freed) mark.store(0, std::memory_order_relaxed);
  });
}

void finish_frees(granule_index from, granule_index to) noexcept {
  for_each_mark(from, to, [](std::atomic_ref<std::uint8_t> mark, std::uint8_t seen) {
    const std::uint8_t state = seen & granule::state_mask;
    if (state != granule::remote && state != granule::remote_survivor) return;
    mark.store(static_cast<std::uint8_t>(granule::freed | (seen & granule::class_mask)),
               std::memory_order_relaxed);
  });
}

gap gap_around(granule_index from, granule_index to, granule_index begin,
               granule_index end) noexcept {
  gap around{begin, next_mark(to, end)};
  while (around.end < end && !is_occupied(mark_at(around.end))) {
    around.end = next_mark(around.end + 1, end);
  }
  for (granule_index at = from; at > begin;) {
    const std::uint8_t mark = mark_at(--at);
    if (!is_occupied(mark)) continue;
    around.begin = at + class_granules[mark & granule::class_mask];
    break;
  }
  return around;
}

}  // namespace connarena
