// run_marks.hpp - how an address inside a run finds the run's start: every 16th page
// of a run says where that is.
//
// Threads: whoever makes, changes or ends the run.
#pragma once

#include "heap/region.hpp"

namespace connarena {

/// Marks the pages [from, to) of a run, counted from its first; or takes the marks off.
void mark_inside(page_index run, std::uint32_t from, std::uint32_t to) noexcept;
void unmark_inside(page_index run, std::uint32_t from, std::uint32_t to) noexcept;

/// The first page of the live run around a page; 0 if there is none. Threads: any.
[[nodiscard]] page_index run_around(page_index page) noexcept;

}  // namespace connarena
