#include "arena/runs/run_marks.hpp"

#include <algorithm>

#include "arena/runs/run.hpp"

namespace connarena {
namespace {

constexpr std::uint32_t farthest_marks = mark_distance * mark_distance * mark_distance;

quarter_index round_up_to(quarter_index at, std::uint32_t distance) noexcept {
  return {static_cast<unit_index>(round_up(at.unit, distance))};
}

/// Calls `visit` on each marked quarter of [from, to) of a run, counted from its first.
template <typename Visit>
void for_each_marked(quarter_index run, std::uint32_t from, std::uint32_t to,
                     Visit visit) noexcept {
  const quarter_index end = run + to;
  quarter_index at = run + from;
  for (std::uint32_t distance = mark_distance; at < end; distance *= mark_distance) {
    const bool is_last = distance == farthest_marks;
    const quarter_index here_end =
        is_last ? end : std::min(end, round_up_to(run + 1, distance * mark_distance));
    for (at = round_up_to(at, distance); at < here_end; at += distance) visit(at);
    if (is_last) return;
  }
}

/// The run that starts at a quarter, or that its mark names; 0: neither.
quarter_index run_named_at(quarter_index at) noexcept {
  const std::uint32_t owner = owner_at(at).load(std::memory_order_relaxed);
  const page_kind kind = kind_of(owner);
  if (kind == page_kind::run) return at;
  return kind == page_kind::run_inside ? at - distance_of(owner) : quarter_index{};
}

bool says_nothing(quarter_index at) noexcept {
  const page_kind kind = kind_of(owner_at(at).load(std::memory_order_relaxed));
  return kind == page_kind::none || kind == page_kind::released;
}

}  // namespace

void detail::mark(quarter_index run, std::uint32_t from, std::uint32_t to) noexcept {
  for_each_marked(run, from, to, [run](quarter_index at) {
    owner_at(at).store(make_owner(page_kind::run_inside, at - run), std::memory_order_relaxed);
  });
}

void detail::unmark(quarter_index run, std::uint32_t from, std::uint32_t to) noexcept {
  for_each_marked(run, from, to, [](quarter_index at) {
    owner_at(at).store(make_owner(page_kind::none, 0), std::memory_order_relaxed);
  });
}

quarter_index run_around(quarter_index inside) noexcept {
  quarter_index at = inside;
  std::uint32_t step = 1;
  std::uint32_t steps_left = mark_distance - 1;
  while (says_nothing(at)) {
    if (step == 1 && steps_left-- == 0) {
      at = round_up_to(at, mark_distance);  // nothing was there
      step = mark_distance;
    }
    // From such a one on marks may be farther apart.
    while (step != 1 && step < farthest_marks && at.unit % (step * mark_distance) == 0) {
      step *= mark_distance;
    }
    if (at.unit < region.runs.begin + step) return {};
    at -= step;
  }
  const quarter_index run = run_named_at(at);
  return run && inside - run < run_length(run) ? run : quarter_index{};
}

}  // namespace connarena
