#include "heap/pages.hpp"

#include <algorithm>

#include "heap/idle_bound.hpp"
#include "heap/page_heap.hpp"
#include "heap/shelf.hpp"
#include "heap/thread_cache.hpp"

namespace connarena {
namespace {

// Of what a thread may keep: so much goes at a time.
constexpr std::uint32_t put_away_fraction = 4;

/// Takes all that a thread keeps of one length. It counts as live still.
run_chain take_all_kept(thread_slot& self, page_source of, std::uint32_t units) noexcept {
  unit_index& kept = kept_runs(self, of, units);
  if (kept == 0) return {};
  run_chain all{kept, kept, 1};
  for (unit_index next; (next = kept_info(all.last).next()) != 0; ++all.count) all.last = next;
  kept = 0;
  self.cached_bytes -= all.count * bytes_of(of, units);
  return all;
}

/// Calls `act(source, units)` for each length that is kept or shelved.
template <typename Act>
void for_each_length(Act act) noexcept {
  for (const page_source source : all_sources) {
    for (std::uint32_t units = 1; units <= exact_run_units; ++units) act(source, units);
  }
}

/// They are live no more.
void give_to_heaps(thread_slot& self, const shelf_runs& all, chain_of what) noexcept {
  for (std::size_t source = 0; source < source_count; ++source) {
    if (all.first[source] == 0) continue;
    add_live(self, -static_cast<std::int64_t>(all.bytes[source]));
    give_to_heap(static_cast<page_source>(source), all.first[source], what);
  }
}

// A look at each shelf of many would cost more than it spares.
constexpr std::uint32_t most_shelves_asked = 8;

/// Puts runs on another shelf that such were taken from, if one is found soon: who only frees
/// gives back so to who only allocates.
bool put_back_on_another(thread_slot& self, const shelf& refused, page_source of,
                         std::uint32_t units, const run_chain& runs) noexcept {
  const std::uint64_t bytes = std::uint64_t{runs.count} * bytes_of(of, units);
  const std::uint32_t used = shelf::used();
  for (std::uint32_t i = 0; i < std::min(used, most_shelves_asked); ++i) {
    shelf& each = shelves[self.others_shelf % used];
    if (&each != &refused && each.lacks(bytes) && each.put_back(of, units, runs)) return true;
    // The next one, from here on.
    self.others_shelf = self.others_shelf % used + 1;
  }
  return false;
}

/// Puts runs on the nearest shelf, or another, or gives them to a page heap.
void put_away(thread_slot& self, page_source of, std::uint32_t units,
              const run_chain& runs) noexcept {
  if (runs.count == 0) return;
  shelf& nearest = nearest_shelf(self);
  if (nearest.put(of, units, runs)) return;
  if (put_back_on_another(self, nearest, of, units, runs)) return;
  shelf_runs all;
  all.add(static_cast<std::size_t>(of), runs, units);
  give_to_heaps(self, all, chain_of::wanted);
}

/// Of a short run: from the thread's cache or the nearest shelf.
page_run take_own(thread_slot& self, page_source from, std::uint32_t units) noexcept {
  if (units > exact_run_units) return {0, 0};
  const page_run kept = take_kept(self, from, units);
  if (kept.first != 0 || !self.is_registered()) return kept;
  return keep_shelved(self, from, units) ? take_kept(self, from, units) : page_run{0, 0};
}

/// What a page heap has given.
page_run lent(const thread_slot& self, page_source from, std::uint32_t units,
              page_run taken) noexcept {
  if (taken.first != 0 && units <= exact_run_units && self.is_registered()) {
    nearest_shelf(self).note_lent(from, units);
  }
  return taken;
}

bool clear(thread_slot& self, shelf& of) noexcept {
  if (of.bytes() == 0) return false;
  shelf_runs all;
  of.take_all(all);
  give_to_heaps(self, all, chain_of::wanted);
  return true;
}

/// Clears the next shelf behind the nearest that holds so many bytes.
bool clear_another(thread_slot& self, std::uint64_t least_bytes) noexcept {
  const auto nearest = static_cast<std::size_t>(&nearest_shelf(self) - shelves);
  for (std::size_t i = 1; i <= shelf_count; ++i) {
    shelf& each = shelves[(nearest + i) % shelf_count];
    if (each.bytes() >= least_bytes && clear(self, each)) return true;
  }
  return false;
}

/// Puts away what a thread keeps until it is so little, and that a good part of it has gone:
/// first of the length that comes, of which a burst has many, then longer ones, since what
/// comes is as good for some of those who want them.
void put_some_away(thread_slot& self, page_source coming, std::uint32_t units,
                   std::uint32_t most_bytes) noexcept {
  const std::uint32_t all = self.most_cached_bytes;
  const std::uint32_t aim_bytes = std::min(most_bytes, all - all / put_away_fraction);
  for (std::size_t i = 0; i < source_count; ++i) {
    const auto source =
        static_cast<page_source>((static_cast<std::size_t>(coming) + i) % source_count);
    for (std::uint32_t longer = 0; longer < exact_run_units; ++longer) {
      if (self.cached_bytes <= aim_bytes) return;
      const std::uint32_t each = (units - 1 + longer) % exact_run_units + 1;
      put_away(self, source, each, take_all_kept(self, source, each));
    }
  }
}

}  // namespace

page_run take_pages(page_source from, std::uint32_t units, std::uint32_t spare_units) noexcept {
  thread_slot& self = this_thread();
  if (spare_units == 0) {
    const page_run own = take_own(self, from, units);
    if (own.first != 0) return own;
    const page_run cached = take_cached_from_heap(from, units);
    if (cached.first != 0) return lent(self, from, units, cached);
    static_cast<void>(clear_shelves_for(from, units));
  }
  const page_run taken = take_from_heap(from, units, spare_units);
  // Merging what is cached may be of help.
  if (taken.first != 0 || purge_cached(UINT64_MAX) == 0) return lent(self, from, units, taken);
  return lent(self, from, units, take_from_heap(from, units, spare_units));
}

page_run take_cached_pages(page_source from, std::uint32_t units) noexcept {
  thread_slot& self = this_thread();
  const page_run own = take_own(self, from, units);
  if (own.first != 0) return own;
  return lent(self, from, units, take_cached_from_heap(from, units));
}

page_run take_aligned_pages(page_source from, std::uint32_t units,
                            std::uint32_t alignment_units) noexcept {
  if (alignment_units <= 1) return take_pages(from, units);
  static_cast<void>(this_thread());
  return take_aligned_from_heap(from, units, alignment_units);
}

void give_pages(page_source to, unit_index first, std::uint32_t units, std::uint32_t resident,
                was before) noexcept {
  thread_slot& self = this_thread();
  const bool may_be_kept = to == page_source::small ? resident != 0 : resident == units;
  // What lies on a shelf counts as live in its epoch.
  if (!may_be_kept || before == was::idle || units > exact_run_units || !self.is_registered()) {
    return give_to_heap(to, first, units, resident);
  }
  keep(self, to, first, units, resident);
  if (self.cached_bytes > self.most_cached_bytes) {
    put_some_away(self, to, units, self.most_cached_bytes);
  }
}

bool keep_shelved(thread_slot& self, page_source from, std::uint32_t units) noexcept {
  const std::uint32_t bytes = bytes_of(from, units);
  const std::uint32_t room =
      (self.most_cached_bytes - std::min(self.cached_bytes, self.most_cached_bytes)) / 2;
  const run_chain taken = nearest_shelf(self).take(from, units, std::max(room / bytes, 1u));
  if (taken.count == 0) return false;
  kept_runs(self, from, units) = taken.first;
  self.cached_bytes += taken.count * bytes;
  return true;
}

bool make_room(thread_slot& self, page_source of, std::uint32_t units) noexcept {
  if (units > exact_run_units || !self.is_registered()) return false;
  if (self.warm_bytes + bytes_of(of, units) > self.most_cached_bytes) return false;
  put_some_away(self, of, units, self.most_cached_bytes - bytes_of(of, units));
  return true;
}

bool clear_shelves_for(page_source from, std::uint32_t units) noexcept {
  if (told_shelved_bytes() == 0) return false;
  thread_slot& self = this_thread();
  const std::uint64_t bytes = std::uint64_t{units} << shift_of(from);
  if (units > exact_run_units) {
    shelf& nearest = nearest_shelf(self);
    return self.is_registered() && nearest.bytes() >= bytes && clear(self, nearest);
  }
  return idle_bound::is_over_certain_peak() && clear_another(self, bytes);
}

void give_back_cached(thread_slot& slot) noexcept {
  shelf_runs all;
  for_each_length([&](page_source source, std::uint32_t units) {
    all.add(static_cast<std::size_t>(source), take_all_kept(slot, source, units), units);
  });
  give_to_heaps(slot, all, chain_of::wanted);
}

std::uint64_t purge_cached(std::uint64_t bytes) noexcept {
  std::uint64_t gone = purge_heaps(bytes);
  if (gone >= bytes || told_shelved_bytes() == 0) return gone;
  thread_slot& self = this_thread();
  while (gone < bytes && clear_another(self, 1)) gone += purge_heaps(bytes - gone);
  return gone;
}

void end_epoch_of_shelves() noexcept {
  thread_slot& self = this_thread();
  for (shelf& each : shelves) {
    if (each.is_unused()) continue;
    shelf_runs unwanted;
    each.end_epoch(unwanted);
    give_to_heaps(self, unwanted, chain_of::unwanted);
  }
}

}  // namespace connarena
