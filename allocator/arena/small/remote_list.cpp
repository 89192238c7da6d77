#include "arena/small/remote_list.hpp"

#include "arena/lane/footprint.hpp"
#include "arena/lane/idle_lanes.hpp"
#include "arena/small/faults.hpp"
#include "arena/small/small_blocks.hpp"

namespace connarena {
namespace {

constexpr std::uint64_t word_of(std::uint32_t granules, granule_index first) noexcept {
  return std::uint64_t{granules} << 32 | first;
}

/// So often the owner would be asked to collect.
constexpr std::uint64_t steps_of(std::uint64_t word) noexcept {
  return (word >> 32) / waiting_step_granules;
}

/// Who ends an epoch is to look at it.
[[gnu::noinline]] void tell_waiting(const lane& in, std::int64_t bytes) noexcept {
  retention::add_in_lanes(bytes, true);
  note_idle(in);
}

}  // namespace

bool push_remote(lane& to, const freed_blocks& blocks) noexcept {
  std::uint64_t seen = to.remote.load(std::memory_order_relaxed);
  std::uint64_t now = 0;
  do {
    write_link(granule_address(blocks.last), static_cast<granule_index>(seen));
    now = word_of(static_cast<std::uint32_t>(seen >> 32) + blocks.granules, blocks.first);
    // seq_cst: the push comes before the pusher's second look at the owner, and
    // release: pairs with the exchange in take_remote.
  } while (!to.remote.compare_exchange_weak(seen, now, std::memory_order_seq_cst,
                                            std::memory_order_relaxed));
  const std::int64_t told = told_waiting_bytes(now) - told_waiting_bytes(seen);
  if (told != 0) [[unlikely]]
    tell_waiting(to, told);
  return steps_of(now) != steps_of(seen);
}

granule_index take_remote(lane& from) noexcept {
  // acquire: pairs with the push. seq_cst: comes after the owner changes of a drain.
  const std::uint64_t all = from.remote.exchange(0, std::memory_order_seq_cst);
  const std::int64_t told = told_waiting_bytes(all);
  if (told != 0) [[unlikely]]
    retention::add_in_lanes(-told, true);
  return static_cast<granule_index>(all);
}

granule_index next_remote(granule_index block) noexcept {
  const std::uint64_t next = read_link(granule_address(block));
  if (!is_small(next)) die_corrupted(granule_address(block));
  return static_cast<granule_index>(next);
}

}  // namespace connarena
