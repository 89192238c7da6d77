// page_lists.hpp - free runs by length, in lists through the page infos.
//
// A run of any length stands in the list of the longest class it holds. The
// last to come is found first. Guarded by the page heap's lock.
#pragma once

#include <bit>
#include <cstdint>

#include "heap/page_infos.hpp"
#include "heap/region.hpp"
#include "heap/run_sizes.hpp"

namespace connarena {

class page_lists {
 public:
  void push(unit_index first, std::uint32_t units) noexcept {
    const std::uint32_t list = run_class_within(units);
    const free_info info(first);
    info.set_units(units);
    info.set_prev(0);
    info.set_next(heads_[list]);
    if (info.next() != 0) {
      free_info(info.next()).set_prev(first);
    } else {
      tails_[list] = first;
      filled_[list / 64] |= std::uint64_t{1} << list % 64;
    }
    heads_[list] = first;
  }

  void remove(unit_index first) noexcept {
    const free_info info(first);
    const std::uint32_t list = run_class_within(info.units());
    const unit_index next = info.next();
    const unit_index prev = info.prev();
    if (next != 0) {
      free_info(next).set_prev(prev);
    } else {
      tails_[list] = prev;
    }
    if (prev != 0) {
      free_info(prev).set_next(next);
    } else {
      heads_[list] = next;
    }
    if (heads_[list] == 0) filled_[list / 64] &= ~(std::uint64_t{1} << list % 64);
    info.leave_list();
  }

  /// One of the shortest runs of at least so many units; 0 if there is none. One that is
  /// longer, but not by `least_rest`, is the last choice: nobody could use the rest. Runs
  /// of one list count as of one length.
  [[nodiscard]] unit_index find(std::uint32_t units, std::uint32_t least_rest) const noexcept {
    const std::uint32_t list = first_list(units);
    if (heads_[list] != 0) return heads_[list];
    const unit_index roomy = find_from(first_list(units + least_rest));
    return roomy != 0 ? roomy : find_from(list);
  }

  /// Calls `visit(first)` for every run.
  template <typename Visit>
  void each(Visit visit) const noexcept {
    for (unit_index first : heads_) {
      for (; first != 0; first = free_info(first).next()) visit(first);
    }
  }

  /// The run that came first by the clock of cached ones; 0 if there is none.
  [[nodiscard]] unit_index oldest(std::uint32_t now) const noexcept {
    unit_index found = 0;
    std::uint32_t age = 0;
    for (std::uint32_t word = 0; word < word_count; ++word) {
      for (std::uint64_t left = filled_[word]; left != 0; left &= left - 1) {
        const unit_index last =
            tails_[word * 64 + static_cast<std::uint32_t>(std::countr_zero(left))];
        const std::uint32_t its_age = now - cached_info(last).came_at();
        if (found == 0 || its_age > age) {
          found = last;
          age = its_age;
        }
      }
    }
    return found;
  }

  /// See check_free_pages.cpp.
  template <typename See>
  void check_each(See see) const noexcept;

 private:
  static constexpr std::uint32_t word_count = (run_class_count + 63) / 64;

  /// The list of the shortest class of at least so many units.
  [[nodiscard]] static std::uint32_t first_list(std::uint32_t units) noexcept {
    const std::uint32_t list = run_class_within(units);
    return run_class_units(list) < units ? list + 1 : list;
  }

  [[nodiscard]] unit_index find_from(std::uint32_t list) const noexcept {
    for (std::uint32_t word = list / 64; word < word_count; ++word) {
      std::uint64_t filled = filled_[word];
      if (word == list / 64) filled &= ~std::uint64_t{0} << list % 64;
      if (filled != 0) {
        return heads_[word * 64 + static_cast<std::uint32_t>(std::countr_zero(filled))];
      }
    }
    return 0;
  }

  std::uint64_t filled_[word_count]{};
  unit_index heads_[run_class_count]{};
  unit_index tails_[run_class_count]{};
};

}  // namespace connarena
