// pages.hpp - runs of units for those who need some: from the thread's own cache, from the
// nearest shelf, or from a page heap.
//
// A thread keeps a few short runs, so that most calls take no lock (thread_cache.hpp). What
// it wants again beyond that lies on a shelf (shelf.hpp), and comes and goes many runs at
// a time. Where neither has any, a page heap has merged and cut ones (page_heap.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "heap/run_sizes.hpp"
#include "heap/threads.hpp"

namespace connarena {

/// Takes a run. Pre: `units` is a run class. None left: {0, 0}.
/// With `spare_units` the run is clean and followed by so many clean units that
/// nobody else gets: taken with it, to grow into.
[[nodiscard]] page_run take_pages(page_source from, std::uint32_t units,
                                  std::uint32_t spare_units = 0) noexcept;

/// The same, but only of cached units.
[[nodiscard]] page_run take_cached_pages(page_source from, std::uint32_t units) noexcept;

/// Takes a run that starts at a multiple of `alignment_units`, a power of two.
[[nodiscard]] page_run take_aligned_pages(page_source from, std::uint32_t units,
                                          std::uint32_t alignment_units) noexcept;

/// Whether what comes back was in use until now, and so may be wanted again, or lay idle.
enum class was : bool { in_use, idle };

/// Gives a run back of which the leading `resident` units may be resident.
/// The caller has cleared its owners. May return pages to the system.
void give_pages(page_source to, unit_index first, std::uint32_t units, std::uint32_t resident,
                was before = was::in_use) noexcept;

/// Lets a thread that keeps none of a length keep some that lie on the nearest shelf: half of
/// what it has room for, or one. False if there are none. Pre: it is registered, and the run
/// is short.
[[nodiscard]] bool keep_shelved(thread_slot& self, page_source from, std::uint32_t units) noexcept;

/// Makes room in a thread's cache for a run, by giving more than that to a shelf. False
/// if it is too long.
[[nodiscard]] bool make_room(thread_slot& self, page_source of, std::uint32_t units) noexcept;

/// Before fresh memory is taken: what lies on shelves goes to the page heaps, of the
/// nearest for a run that is too long for one, and of another where more is idle than the
/// recent peak allows. False if nothing has come.
[[nodiscard]] bool clear_shelves_for(page_source from, std::uint32_t units) noexcept;

/// Empties a thread's own cache into the page heaps.
void give_back_cached(thread_slot& slot) noexcept;

/// Returns at least so many cached bytes to the system, the oldest first, or
/// all. Gives how many went.
std::uint64_t purge_cached(std::uint64_t bytes) noexcept;

/// What lay on shelves untouched for two epochs goes to the page heaps, and is due there.
void end_epoch_of_shelves() noexcept;

}  // namespace connarena
