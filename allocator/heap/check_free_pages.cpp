// check_free_pages.cpp - that the free units of a part are listed, marked, merged and counted.
#include <bit>

#include "base/checked.hpp"
#include "heap/free_pages.hpp"

namespace connarena {

/// Calls `see(first, units)` on each run, and checks how the lists hang together.
template <typename See>
void page_lists::check_each(See see) const noexcept {
  for (std::uint32_t list = 0; list < run_class_count; ++list) {
    const bool is_filled = (filled_[list / 64] >> list % 64 & 1) != 0;
    CONNARENA_DCHECK(is_filled == (heads_[list] != 0));
    unit_index before = 0;
    for (unit_index run = heads_[list]; run != 0; run = free_info(run).next()) {
      CONNARENA_DCHECK(free_info(run).prev() == before);
      CONNARENA_DCHECK(run_class_within(free_info(run).units()) == list);
      see(run, free_info(run).units());
      before = run;
    }
    CONNARENA_DCHECK(heads_[list] == 0 || tails_[list] == before);
  }
}

/// Within the part, marked at both ends, and merged with neighbours of its kind.
void free_pages::check_run(page_kind edge, unit_index first, std::uint32_t units) const noexcept {
  const unit_index end = first + units;
  CONNARENA_DCHECK(first >= part_->begin && end <= frontier());
  const auto is_marked = [this, edge](unit_index unit) { return is_edge(unit, edge); };
  CONNARENA_DCHECK(is_marked(first) && is_marked(end - 1));
  CONNARENA_DCHECK(free_info(end - 1).units() == units);
  CONNARENA_DCHECK(first == part_->begin || !is_marked(first - 1));
  CONNARENA_DCHECK(end == frontier() || !is_marked(end));
}

void check(const free_pages& of) noexcept {
  if (!checks_invariants) return;
  if (of.part_ == nullptr) return;
  const bool is_heaps = of.heaps_ == nullptr;
  CONNARENA_DCHECK(of.part_->begin <= of.frontier() || !is_heaps);
  CONNARENA_DCHECK(!is_heaps || of.frontier() <= of.part_->committed);
  CONNARENA_DCHECK(!is_heaps || of.part_->committed <= of.part_->end);
  CONNARENA_DCHECK(of.cached_count() <= of.frontier() - of.part_->begin);
  CONNARENA_DCHECK(of.least_cached_ <= of.cached_count());
  CONNARENA_DCHECK(of.due_count() <= of.least_cached_);
}

std::uint64_t check_whole(const free_pages& of) noexcept {
  if (!checks_invariants) return 0;
  std::uint64_t runs = 0;
  check(of);
  std::uint64_t cached = 0;
  std::uint64_t clean = 0;
  of.cached_.check_each([&](unit_index first, std::uint32_t units) {
    of.check_run(page_kind::cached_edge, first, units);
    CONNARENA_DCHECK(of.clock_ - cached_info(first).came_at() < 1u << 31);
    cached += units;
    ++runs;
  });
  of.clean_.check_each([&](unit_index first, std::uint32_t units) {
    of.check_run(page_kind::free_edge, first, units);
    clean += units;
    ++runs;
  });
  CONNARENA_DCHECK(cached == of.cached_count());
  CONNARENA_DCHECK(of.part_ == nullptr || cached + clean <= of.frontier() - of.part_->begin);
  return runs;
}

}  // namespace connarena
