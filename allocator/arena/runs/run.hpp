// run.hpp - where in its run a block starts: at one of the cache lines of the
// run's first quarter.
//
// Blocks that all started on a page would compete for the same few sets of a cache. And
// where `rep movsb` copies between offsets in a page that differ by less than a line, AMD
// Zen 3 and 4 need several times as long (glibc's bug 30994). So a block starts as far
// behind its run's start as the run's number says and the rest of its last quarter allows:
// that costs no memory. A block that fills its run starts at its start.
//
// The run's info says it: a free of any other address is found out.
//
// Threads: whoever has the block.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "heap/hardening.hpp"
#include "heap/page_infos.hpp"
#include "heap/region.hpp"
#include "heap/size_classes.hpp"

namespace connarena {

inline constexpr std::size_t start_unit_bytes = 64;
static_assert(run_info::start_count == quarter_bytes / start_unit_bytes);

/// How far behind its run's start a live block starts.
[[nodiscard]] inline std::size_t start_of(quarter_index run) noexcept {
  return std::size_t{run_info(run).start()} * start_unit_bytes;
}

/// The block of a live run, and what of it a program may use.
[[nodiscard]] inline char* block_of(quarter_index run) noexcept {
  return quarter_address(run) + start_of(run);
}
[[nodiscard]] inline std::size_t block_bytes(quarter_index run, std::uint32_t quarters) noexcept {
  return (std::size_t{quarters} << quarter_shift) - start_of(run);
}

/// The live run whose block starts at an address; 0: none does.
[[nodiscard]] inline quarter_index run_of_block(const void* address) noexcept {
  if (!in_runs(address)) return {};
  const quarter_index run = quarter_at(address);
  // acquire: the run's infos are as its owner left them
  const std::uint32_t owner = owner_at(run).load(std::memory_order_acquire);
  return kind_of(owner) == page_kind::run && block_of(run) == address ? run : quarter_index{};
}

/// The length of the live run that starts at a quarter; 0 if none does.
[[nodiscard]] inline std::uint32_t run_length(quarter_index run) noexcept {
  const std::uint32_t owner = owner_at(run).load(std::memory_order_acquire);
  return kind_of(owner) == page_kind::run ? run_info(run).quarters() : 0;
}

/// Whether a run's block could start there.
[[nodiscard]] inline bool may_start_block(const void* address) noexcept {
  return offset_in_region(address) % start_unit_bytes == 0;
}

/// How many lines behind its run's start a block of so many bytes may start. Pre: the
/// run is long enough for it.
[[nodiscard]] inline std::uint32_t farthest_start(std::size_t size_bytes,
                                                  std::uint32_t quarters) noexcept {
  if (is_hardened()) return 0;
  const std::size_t bytes = std::size_t{quarters} << quarter_shift;
  const std::size_t left = bytes - std::max(size_bytes, max_small_bytes + 1);
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(left / start_unit_bytes, run_info::start_count - 1));
}

/// What a program may use of any block of so many bytes, wherever it starts.
[[nodiscard]] inline std::size_t least_block_bytes(std::size_t size_bytes,
                                                   std::uint32_t quarters) noexcept {
  return (std::size_t{quarters} << quarter_shift) -
         farthest_start(size_bytes, quarters) * start_unit_bytes;
}

/// Whether a run keeps its length when its block shrinks: else a block that changes a
/// little would leave pieces.
[[nodiscard]] inline bool stays_when_shrunk(std::uint32_t length, std::uint32_t quarters) noexcept {
  return length - quarters < length / 4;
}

/// Chooses where a new block of so many bytes starts, and notes it with the spare quarters.
/// Pre: the run's length is noted.
inline void choose_start(quarter_index run, std::size_t size_bytes, std::size_t alignment,
                         std::uint32_t spare) noexcept {
  std::uint32_t start = 0;
  if (alignment <= start_unit_bytes) {
    const std::uint32_t most = farthest_start(size_bytes, run_info(run).quarters());
    // The upper half of a product with the golden ratio: neighbours differ.
    const std::uint32_t spread = run.unit * 0x9E3779B9u;
    start = static_cast<std::uint32_t>((std::uint64_t{spread} * (most + 1)) >> 32);
  }
  run_info(run).set_room(start, spare);
}

}  // namespace connarena
