// page_infos.hpp - what the table of page infos says of memory: a view of its entry for
// each use that memory can be put to. Only these read and write the entries.
//
// An entry belongs to whoever has the memory, and says nothing to others; the page
// owners say which view is right. The first entry of a span or a run speaks for all of
// it, but where a view says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/units.hpp"
#include "heap/region.hpp"
#include "heap/threads.hpp"

namespace connarena {

/// Of a free run, cached or clean, in a page heap's lists.
class free_info {
 public:
  explicit free_info(unit_index first) noexcept : entry_(region.infos[first]) {}

  [[nodiscard]] unit_index next() const noexcept { return entry_.next_; }
  void set_next(unit_index next) const noexcept { entry_.next_ = next; }
  [[nodiscard]] unit_index prev() const noexcept { return entry_.prev_; }
  void set_prev(unit_index prev) const noexcept { entry_.prev_ = prev; }
  /// Also at its last one.
  [[nodiscard]] std::uint32_t units() const noexcept { return entry_.length_; }
  void set_units(std::uint32_t units) const noexcept { entry_.length_ = units; }
  /// Off its list it leaves no marks, should it become a span's.
  void leave_list() const noexcept { entry_.prev_ = 0; }

 protected:
  page_info& entry_;
};

class cached_info : public free_info {
 public:
  using free_info::free_info;

  /// On the clock of the page heap.
  [[nodiscard]] std::uint32_t came_at() const noexcept { return entry_.extra_; }
  void set_came_at(std::uint32_t came_at) const noexcept { entry_.extra_ = came_at; }
};

/// Of a short run that a thread keeps: its list is of one length. One of quarters also has
/// what it had as a live run: its length, and where its last block started.
class kept_info {
 public:
  explicit kept_info(unit_index first) noexcept : entry_(region.infos[first]) {}

  [[nodiscard]] unit_index next() const noexcept { return entry_.next_; }
  void set_next(unit_index next) const noexcept { entry_.next_ = next; }
  /// Leading pages of a span that may not read as zero; a run of quarters is wholly so.
  [[nodiscard]] std::uint32_t resident() const noexcept { return entry_.extra_; }
  void set_resident(std::uint32_t resident) const noexcept { entry_.extra_ = resident; }

 private:
  page_info& entry_;
};

/// Of a span of small pages that is a lane's.
class span_info {
 public:
  explicit span_info(page_index page) noexcept : entry_(region.infos[page]) {}

  /// First granule of the lane's next older span.
  [[nodiscard]] granule_index& next() const noexcept { return entry_.next_; }
  /// A span_mark: each page has them.
  [[nodiscard]] std::uint32_t& marks() const noexcept { return entry_.prev_; }
  [[nodiscard]] std::uint32_t pages() const noexcept { return entry_.length_; }
  void set_pages(std::uint32_t pages) const noexcept { entry_.length_ = pages; }
  /// Leading pages that may hold data, of its blocks or from an earlier use.
  [[nodiscard]] std::uint32_t touched() const noexcept { return entry_.extra_; }
  void set_touched(std::uint32_t touched) const noexcept { entry_.extra_ = touched; }

 private:
  page_info& entry_;
};

/// Of a span of small pages that is donated: it has no marks, and all of it is touched.
class donated_info {
 public:
  explicit donated_info(page_index page) noexcept : entry_(region.infos[page]) {}

  /// First granule of the span before it in the list of those with about its gap; what
  /// follows there is the same as a lane's next span.
  [[nodiscard]] granule_index& prev() const noexcept { return entry_.prev_; }
  [[nodiscard]] std::uint32_t pages() const noexcept { return entry_.length_; }
  void set_pages(std::uint32_t pages) const noexcept { entry_.length_ = pages; }
  /// The span's first page: each page has that.
  [[nodiscard]] page_index first() const noexcept { return entry_.extra_; }
  void set_first(page_index first) const noexcept { entry_.extra_ = first; }

 private:
  page_info& entry_;
};

/// Of a live run.
class run_info {
 public:
  /// Where in the run its block starts is a number below this.
  static constexpr std::uint32_t start_count = 16;

  explicit run_info(quarter_index run) noexcept : entry_(region.infos[run.unit]) {}

  /// Neighbours in the list of its arena's runs.
  [[nodiscard]] quarter_index next() const noexcept { return {entry_.next_}; }
  [[nodiscard]] quarter_index prev() const noexcept { return {entry_.prev_}; }
  void set_next(quarter_index run) const noexcept { entry_.next_ = run.unit; }
  void set_prev(quarter_index run) const noexcept { entry_.prev_ = run.unit; }
  void set_neighbours(quarter_index prev, quarter_index next) const noexcept {
    entry_.next_ = next.unit;
    entry_.prev_ = prev.unit;
  }
  [[nodiscard]] std::uint32_t quarters() const noexcept { return entry_.length_; }
  void set_quarters(std::uint32_t quarters) const noexcept { entry_.length_ = quarters; }
  /// Quarters of address space behind it that it may grow into without moving.
  [[nodiscard]] std::uint32_t spare() const noexcept { return entry_.extra_ & most_spare; }
  [[nodiscard]] std::uint32_t start() const noexcept { return entry_.extra_ >> start_shift; }

  /// Whether its block starts so many bytes behind it, below a quarter, and it has no spare.
  [[nodiscard]] bool starts_at(std::size_t start_bytes) const noexcept {
    return entry_.extra_ == static_cast<std::uint32_t>(start_bytes) << start_bytes_shift;
  }
  /// Says that nobody has chosen where its block starts.
  void forget_start() const noexcept { entry_.extra_ = UINT32_MAX; }
  [[nodiscard]] bool has_start() const noexcept { return entry_.extra_ != UINT32_MAX; }
  /// Whether that has been chosen, at most so many bytes, below a quarter, behind it; and how
  /// many. Pre: it has no spare.
  [[nodiscard]] bool starts_within(std::size_t bytes) const noexcept {
    return entry_.extra_ <= static_cast<std::uint32_t>(bytes) << start_bytes_shift;
  }
  [[nodiscard]] std::size_t start_bytes() const noexcept {
    return entry_.extra_ >> start_bytes_shift;
  }

  /// Pre: spare <= most_spare
  void set_room(std::uint32_t start, std::uint32_t spare) const noexcept {
    entry_.extra_ = start << start_shift | spare;
  }
  /// Pre: more <= spare()
  void take_spare(std::uint32_t more) const noexcept { entry_.extra_ -= more; }
  void give_spare(std::uint32_t more) const noexcept { entry_.extra_ += more; }

 private:
  static constexpr unsigned start_shift = 28;
  static constexpr unsigned start_bytes_shift = start_shift - 6;
  static_assert(quarter_bytes / start_count == 1u << 6);
  static constexpr std::uint32_t most_spare = (1u << start_shift) - 1;
  static_assert(start_count <= 1u << (32 - start_shift));

  page_info& entry_;
};

/// Notes of a run that nobody has what a thread expects of those that it keeps.
inline void note_as_kept(page_source of, unit_index first, std::uint32_t units,
                         std::uint32_t resident) noexcept {
  if (of == page_source::small) return kept_info(first).set_resident(resident);
  const run_info run({first});
  run.set_quarters(units);
  run.forget_start();
}

/// Of the last quarter before a guarded run.
class guard_info {
 public:
  explicit guard_info(quarter_index last) noexcept : entry_(region.infos[last.unit]) {}

  /// How many there are before the run.
  [[nodiscard]] std::uint32_t quarters() const noexcept { return entry_.length_; }
  void set_quarters(std::uint32_t quarters) const noexcept { entry_.length_ = quarters; }

 private:
  page_info& entry_;
};

}  // namespace connarena
