// totals.hpp - what the process as a whole holds.
#pragma once

#include <connarena/connarena.h>

namespace connarena {

/// Counts over all arenas: O(arenas + their pages). Threads: any; the figures of
/// a one_thread arena that is in use meanwhile are approximate.
void read_process_counters(connarena_process_stats& out) noexcept;

/// Returns every wholly free page that can be reached to the system: the page
/// heaps', and those of arenas for any thread. True if any went.
bool trim_all() noexcept;

/// Takes from every thread the lanes that it owns, and lets nobody own one again: from
/// here on no thread needs the system's fences.
void end_ownership() noexcept;

}  // namespace connarena
