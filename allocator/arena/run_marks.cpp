#include "arena/run_marks.hpp"

#include "arena/runs.hpp"

namespace connarena {
namespace {

/// Calls `visit` on each page of [from, to) that bears a mark.
template <typename Visit>
void for_each_marked(page_index run, std::uint32_t from, std::uint32_t to, Visit visit) noexcept {
  for (std::uint32_t page = (from + marker_pages - 1) / marker_pages * marker_pages; page < to;
       page += marker_pages) {
    if (page != 0) visit(run + page);
  }
}

}  // namespace

void detail::mark(page_index run, std::uint32_t from, std::uint32_t to) noexcept {
  for_each_marked(run, from, to, [run](page_index page) {
    region.infos[page].pages = run;
    region.owners[page].store(make_owner(page_kind::run_inside, 0), std::memory_order_relaxed);
  });
}

void detail::unmark(page_index run, std::uint32_t from, std::uint32_t to) noexcept {
  for_each_marked(run, from, to, [](page_index page) {
    region.owners[page].store(make_owner(page_kind::none, 0), std::memory_order_relaxed);
  });
}

page_index run_around(page_index page) noexcept {
  for (std::uint32_t back = 0; back < marker_pages && back <= page; ++back) {
    const page_index at = page - back;
    const std::uint32_t owner = region.owners[at].load(std::memory_order_relaxed);
    const page_kind kind = kind_of(owner);
    if (kind == page_kind::none || kind == page_kind::released) continue;
    const page_index run = kind == page_kind::run_inside ? region.infos[at].pages : at;
    if (kind != page_kind::run_inside && kind != page_kind::run) return 0;
    return page - run < run_length(run) ? run : 0;
  }
  return 0;
}

}  // namespace connarena
