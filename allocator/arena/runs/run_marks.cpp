#include "arena/runs/run_marks.hpp"

#include <algorithm>

#include "arena/runs/runs.hpp"

namespace connarena {
namespace {

constexpr std::uint32_t farthest_marks = mark_distance * mark_distance * mark_distance;

page_index round_up_to(page_index page, std::uint32_t distance) noexcept {
  return static_cast<page_index>(round_up(page, distance));
}

/// Calls `visit` on each marked page of [from, to) of a run, counted from its first.
template <typename Visit>
void for_each_marked(page_index run, std::uint32_t from, std::uint32_t to, Visit visit) noexcept {
  const page_index end = run + to;
  page_index page = run + from;
  for (std::uint32_t distance = mark_distance; page < end; distance *= mark_distance) {
    const bool is_last = distance == farthest_marks;
    const page_index here_end =
        is_last ? end : std::min(end, round_up_to(run + 1, distance * mark_distance));
    for (page = round_up_to(page, distance); page < here_end; page += distance) visit(page);
    if (is_last) return;
  }
}

/// The run that a page is the first of, or that its mark names; 0: neither.
page_index run_named_at(page_index page) noexcept {
  const std::uint32_t owner = region.owners[page].load(std::memory_order_relaxed);
  const page_kind kind = kind_of(owner);
  if (kind == page_kind::run) return page;
  return kind == page_kind::run_inside ? page - distance_of(owner) : 0;
}

bool says_nothing(page_index page) noexcept {
  const page_kind kind = kind_of(region.owners[page].load(std::memory_order_relaxed));
  return kind == page_kind::none || kind == page_kind::released;
}

}  // namespace

void detail::mark(page_index run, std::uint32_t from, std::uint32_t to) noexcept {
  for_each_marked(run, from, to, [run](page_index page) {
    region.owners[page].store(make_owner(page_kind::run_inside, page - run),
                              std::memory_order_relaxed);
  });
}

void detail::unmark(page_index run, std::uint32_t from, std::uint32_t to) noexcept {
  for_each_marked(run, from, to, [](page_index page) {
    region.owners[page].store(make_owner(page_kind::none, 0), std::memory_order_relaxed);
  });
}

page_index run_around(page_index page) noexcept {
  page_index at = page;
  std::uint32_t step = 1;
  std::uint32_t steps_left = mark_distance - 1;
  while (says_nothing(at)) {
    if (step == 1 && steps_left-- == 0) {
      at = round_up_to(at, mark_distance);  // nothing was there
      step = mark_distance;
    }
    // From such a page on marks may be farther apart.
    while (step != 1 && step < farthest_marks && at % (step * mark_distance) == 0) {
      step *= mark_distance;
    }
    if (at < region.runs.begin + step) return 0;
    at -= step;
  }
  const page_index run = run_named_at(at);
  return run != 0 && page - run < run_length(run) ? run : 0;
}

}  // namespace connarena
