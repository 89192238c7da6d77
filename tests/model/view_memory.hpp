// view_memory.hpp - memory as threads of a model see it that only release and acquire order.
//
// All that was stored in a cell is kept, as long as a thread may still read it: a load gives
// any of it that is no older than what its thread has seen, which it chooses by `age`, 0 being
// the latest. So loads, as stores, are seen in any order that nothing forbids. What is known
// to whoever stores goes along if it releases, and becomes known to whoever loads if it
// acquires; relaxed operations leave that to fences.
//
// C++ allows two things that are not modelled: loads that read what is stored later (relaxed
// load buffering), and two threads that store in one cell at once other than by
// read-modify-writes. In all else no order is kept that C++ does not promise.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace model {

/// strong: acquires, or releases, or both. total: as strong, and in one order with all others
/// of that kind, as seq_cst has it.
enum class order : std::uint8_t { relaxed, strong, total };

using reads_cell = bool(std::size_t thread, std::size_t cell);
constexpr bool reads_all(std::size_t, std::size_t) { return true; }

/// `Reads` says who ever loads what: no value is kept for others, who modify it, or who use what
/// is the latest value if they know that.
template <std::size_t Cells, std::size_t Threads, std::size_t Most, reads_cell* Reads = reads_all>
struct view_memory {
  /// Of each cell, the oldest of its values that may still be read.
  using view = std::array<std::uint8_t, Cells>;
  struct stored {
    std::uint8_t value;
    view known;  ///< to whoever acquires it
  };
  struct thread {
    view known;
    view loaded;    ///< would be known after a fence that acquires
    view released;  ///< was known at the last fence that released
  };

  std::array<std::array<stored, Most>, Cells> values;  ///< the oldest first; at first one of 0
  std::array<std::uint8_t, Cells> latest;
  std::array<thread, Threads> threads;
  view total;  ///< the last of each cell's values that was stored in the total order

  /// Nothing if the thread has seen a later value than that.
  [[nodiscard]] std::optional<std::uint8_t> load(std::size_t by, std::size_t cell, std::size_t age,
                                                 order acquire) {
    const thread& own = threads[by];
    if (age > latest[cell] || latest[cell] - age < own.known[cell]) return {};
    const auto number = static_cast<std::uint8_t>(latest[cell] - age);
    if (acquire == order::total && number < total[cell]) return {};
    const std::uint8_t found = take(by, cell, number, acquire);
    forget();
    return found;
  }

  /// False if there is no room left: a mistake of the model's.
  [[nodiscard]] bool store(std::size_t by, std::size_t cell, std::uint8_t value, order release) {
    return put(by, cell, value, release, view{});
  }

  /// A read-modify-write: of the latest value, and whoever acquires what it stores knows what
  /// was known to whoever stored that. `change(value)` gives what is stored.
  template <typename Change>
  [[nodiscard]] bool modify(std::size_t by, std::size_t cell, Change change, order acquire,
                            order release) {
    const view before = values[cell][latest[cell]].known;
    const std::uint8_t found = take(by, cell, latest[cell], acquire);
    return put(by, cell, static_cast<std::uint8_t>(change(found)), release, before);
  }

  /// False if another's store may not have come yet: to use the value is a race.
  [[nodiscard]] bool knows(std::size_t by, std::size_t cell) const {
    return threads[by].known[cell] == latest[cell];
  }

  /// `other` has told the thread, by whatever the program does, how far it is.
  void hear_of(std::size_t by, std::size_t other) {
    join(threads[by].known, threads[other].known);
    forget();
  }

  void fence_acquire(std::size_t by) {
    join(threads[by].known, threads[by].loaded);
    threads[by].loaded = {};
    forget();
  }
  void fence_release(std::size_t by) { threads[by].released = threads[by].known; }

 private:
  std::uint8_t take(std::size_t by, std::size_t cell, std::uint8_t number, order acquire) {
    thread& own = threads[by];
    own.known[cell] = number;
    const stored& found = values[cell][number];
    join(acquire == order::relaxed ? own.loaded : own.known, found.known);
    return found.value;
  }

  bool put(std::size_t by, std::size_t cell, std::uint8_t value, order release, view known) {
    if (latest[cell] + 1u == Most) return false;
    thread& own = threads[by];
    own.known[cell] = ++latest[cell];
    join(known, release == order::relaxed ? own.released : own.known);
    known[cell] = latest[cell];
    values[cell][latest[cell]] = {value, known};
    if (release == order::total) total[cell] = latest[cell];
    forget();
    return true;
  }

  static void join(view& into, const view& other) {
    for (std::size_t i = 0; i < Cells; ++i) into[i] = std::max(into[i], other[i]);
  }

  template <typename Visit>
  void each_view(Visit visit) {
    for (auto& cell : values) {
      for (stored& each : cell) visit(each.known);
    }
    visit(total);
    for (thread& each : threads) {
      for (view* const its : {&each.known, &each.loaded, &each.released}) visit(*its);
    }
  }

  [[nodiscard]] static constexpr bool is_read(std::size_t cell) {
    for (std::size_t i = 0; i < Threads; ++i) {
      if (Reads(i, cell)) return true;
    }
    return false;
  }

  /// Where nobody loads, there is the latest value, and that there was one before.
  [[nodiscard]] std::uint8_t oldest_read(std::size_t cell) const {
    std::uint8_t oldest = latest[cell];
    if (!is_read(cell)) return static_cast<std::uint8_t>(std::max<int>(oldest - 1, 0));
    for (std::size_t i = 0; i < Threads; ++i) {
      if (Reads(i, cell)) oldest = std::min(oldest, threads[i].known[cell]);
    }
    return oldest;
  }

  /// What nobody can read any more: states that differ in it alone are equal.
  void forget() {
    for (std::size_t cell = 0; cell < Cells; ++cell) {
      const std::uint8_t oldest = oldest_read(cell);
      if (oldest == 0) continue;
      auto& of = values[cell];
      std::move(of.begin() + oldest, of.begin() + latest[cell] + 1, of.begin());
      std::fill(of.begin() + latest[cell] + 1 - oldest, of.end(), stored{});
      if (!is_read(cell)) of[0] = {};
      latest[cell] = static_cast<std::uint8_t>(latest[cell] - oldest);
      each_view([cell, oldest](view& each) {
        each[cell] = static_cast<std::uint8_t>(each[cell] - std::min(each[cell], oldest));
      });
    }
  }
};

}  // namespace model
