// page_heap.hpp - the units of one part of the region that nobody uses: pages in the part
// of small blocks, quarters in the parts of runs.
//
// A free run is either cached (it may be resident, and is retained) or clean
// (the system has it back, and it reads as zero). Either is merged with its
// neighbours of the same kind and kept by length, the last to come first to go
// out. One that is cut leaves a rest that is long enough for another, where there is
// such a one. The cached run that has been left alone longest is the first to be
// returned to the system. What of it shares a page with others is zeroed, and goes when
// the last of that page is free.
//
// There are three, one per page_source. Few calls come here: see pages.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/units.hpp"
#include "heap/free_pages.hpp"
#include "heap/region.hpp"
#include "heap/run_sizes.hpp"
#include "heap/threads.hpp"

namespace connarena {

/// Takes a run. Pre: `units` is a run class, and the thread is known: its registration has a
/// lock of a lower rank. None left: {0, 0}.
/// With `spare_units` the run is clean and followed by so many clean units that
/// nobody else gets: taken with it, to grow into.
[[nodiscard]] page_run take_from_heap(page_source from, std::uint32_t units,
                                      std::uint32_t spare_units) noexcept;

/// The same, but only of cached units.
[[nodiscard]] page_run take_cached_from_heap(page_source from, std::uint32_t units) noexcept;

/// The same, of the first units of a cached run of at least `room_units`: a block
/// can grow into the rest.
[[nodiscard]] page_run take_cached_room(page_source from, std::uint32_t units,
                                        std::uint32_t room_units) noexcept;

/// Takes a run that starts at a multiple of `alignment_units`, a power of two.
[[nodiscard]] page_run take_aligned_from_heap(page_source from, std::uint32_t units,
                                              std::uint32_t alignment_units) noexcept;

/// Gives a run back of which the leading `resident` units may be resident.
/// The caller has cleared its owners.
void give_to_heap(page_source to, unit_index first, std::uint32_t units,
                  std::uint32_t resident) noexcept;

/// Gives back runs that threads kept or that lay on shelves: linked, and each says how long
/// it is. Those that nobody has wanted for two epochs are due.
enum class chain_of : std::uint8_t { wanted, unwanted };
void give_to_heap(page_source to, unit_index first_of_chain, chain_of what) noexcept;

/// Takes free units right behind a run, to grow it in place: cached or clean ones.
/// None if there are too few.
[[nodiscard]] page_run extend_pages(page_source from, unit_index end, std::uint32_t units) noexcept;

/// Returns at least so many cached bytes to the system, the oldest first, or
/// all. Gives how many went.
std::uint64_t purge_heaps(std::uint64_t bytes) noexcept;

/// The same of those that nobody has wanted for two epochs: see demand.hpp.
std::uint64_t purge_due(std::uint64_t bytes) noexcept;
[[nodiscard]] std::uint64_t due_bytes() noexcept;
void end_epoch_of_page_heaps() noexcept;
/// So many pages for small blocks came from lanes that had not wanted them either.
void add_untouched_pages(std::uint64_t pages) noexcept;
/// Pages for small blocks that are cached. Threads: any.
[[nodiscard]] std::uint64_t cached_small_pages() noexcept;

/// Bytes cached in the three heaps. Threads: any, without a lock.
[[nodiscard]] std::uint64_t cached_bytes() noexcept;

/// The source whose part holds a run.
[[nodiscard]] inline page_source source_of_run(quarter_index run) noexcept {
  return run.unit < region.base_runs.begin ? page_source::runs : page_source::base_runs;
}

/// Gives back what is reserved beyond the pages ever used. Pre: all heaps are locked.
void give_up_unused_pages() noexcept;
/// Returns what is clean once more. Pre: as above.
void return_clean_pages() noexcept;

void lock_page_heaps() noexcept;
void unlock_page_heaps() noexcept;
void reset_page_heaps() noexcept;

/// What a heap has, for those who keep some of its part beside it.
[[nodiscard]] const free_pages& pages_of_heap(page_source source) noexcept;

/// All that is free. Pre: the build checks invariants.
void check_page_heaps() noexcept;

}  // namespace connarena
