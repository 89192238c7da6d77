// view_memory.hpp - memory as threads of a model see it that only release and acquire order.
//
// All that was stored in a cell is kept, as long as a thread may still read it: a load gives
// any of it that is no older than what its thread has seen, which it chooses by `age`, 0 being
// the latest. So loads, as stores, are seen in any order that nothing forbids. What is known
// to whoever stores goes along if it releases, and becomes known to whoever loads if it
// acquires; relaxed operations leave that to fences.
//
// Not modelled: loads that read what is stored later, and two threads that store in one cell
// at once other than by read-modify-writes. No more than C++ promises.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace model {

enum class order : bool { relaxed, strong };  ///< strong: acquires, or releases

template <std::size_t Cells, std::size_t Threads, std::size_t Most>
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

  /// Nothing if the thread has seen a later value than that.
  [[nodiscard]] std::optional<std::uint8_t> load(std::size_t by, std::size_t cell, std::size_t age,
                                                 order acquire) {
    thread& own = threads[by];
    if (age > latest[cell] || latest[cell] - age < own.known[cell]) return {};
    const auto number = static_cast<std::uint8_t>(latest[cell] - age);
    own.known[cell] = number;
    const stored found = values[cell][number];
    join(acquire == order::strong ? own.known : own.loaded, found.known);
    forget();
    return found.value;
  }

  /// False if there is no room left: a mistake of the model's.
  [[nodiscard]] bool store(std::size_t by, std::size_t cell, std::uint8_t value, order release) {
    if (latest[cell] + 1u == Most) return false;
    thread& own = threads[by];
    own.known[cell] = ++latest[cell];
    view known = release == order::strong ? own.known : own.released;
    known[cell] = latest[cell];
    values[cell][latest[cell]] = {value, known};
    forget();
    return true;
  }

  void fence_acquire(std::size_t by) {
    join(threads[by].known, threads[by].loaded);
    threads[by].loaded = {};
    forget();
  }
  void fence_release(std::size_t by) { threads[by].released = threads[by].known; }

 private:
  static void join(view& into, const view& other) {
    for (std::size_t i = 0; i < Cells; ++i) into[i] = std::max(into[i], other[i]);
  }

  template <typename Visit>
  void each_view(Visit visit) {
    for (auto& cell : values) {
      for (stored& each : cell) visit(each.known);
    }
    for (thread& each : threads) {
      for (view* const its : {&each.known, &each.loaded, &each.released}) visit(*its);
    }
  }

  /// What nobody can read any more: states that differ in it alone are equal.
  void forget() {
    for (std::size_t cell = 0; cell < Cells; ++cell) {
      std::uint8_t oldest = latest[cell];
      for (const thread& each : threads) oldest = std::min(oldest, each.known[cell]);
      if (oldest == 0) continue;
      auto& of = values[cell];
      std::move(of.begin() + oldest, of.begin() + latest[cell] + 1, of.begin());
      std::fill(of.begin() + latest[cell] + 1 - oldest, of.end(), stored{});
      latest[cell] = static_cast<std::uint8_t>(latest[cell] - oldest);
      each_view([cell, oldest](view& each) {
        each[cell] = static_cast<std::uint8_t>(each[cell] - std::min(each[cell], oldest));
      });
    }
  }
};

}  // namespace model
