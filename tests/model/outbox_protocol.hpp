// outbox_protocol.hpp - how small blocks come from a thread's outbox to their lane, step by
// step, as arena/small/outboxes.cpp and arena/small/remote_free.cpp do it: a model of one
// lane, threads that free blocks of it, and one that makes the lane whole: to count it, or
// to end it. Loads and stores are seen in any order that view_memory.hpp has: any that C++
// allows, but for loads that read what is stored later (relaxed load buffering).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/view_memory.hpp"

namespace model {

/// What is wrong on purpose, to see that the walk finds it.
enum class outbox_mistake : std::uint8_t {
  none,
  no_second_look,      ///< who pushes blocks does not ask whose pages they are in by then
  says_before_guard,   ///< a thread says that it has an outbox before it takes the guard
  looks_before_word,   ///< who empties the outboxes takes the word back afterwards
  pushes_after_guard,  ///< a thread gives its guard back before it pushes
  relaxed_enter,       ///< who takes a guard does not acquire what was done under it
  relaxed_leave,       ///< who gives it back does not release that
  relaxed_push,        ///< who pushes blocks may see the owner of before
  relaxed_last_look,   ///< who has moved the pages may see the list of before
};

inline constexpr std::size_t freeing_threads = 2;

/// What is shared: the lane's word, that there are outboxes; blocks in its list; that it has
/// ended, and its pages are elsewhere. Of each thread the guard of its outbox, and blocks there.
enum class outbox_cell : std::uint8_t { word, remote, moved, guard, box = guard + freeing_threads };
inline constexpr std::size_t outbox_cells = 3 + 2 * freeing_threads;

/// Guards are modified only, and blocks looked at under them; whoever pushes modifies the list.
constexpr bool loads_outbox_cell(std::size_t thread, std::size_t cell) {
  if (cell == static_cast<std::size_t>(outbox_cell::remote)) return thread == freeing_threads;
  return cell < static_cast<std::size_t>(outbox_cell::guard);
}

struct freeing_thread {
  std::uint8_t at;       ///< step
  std::uint8_t passing;  ///< blocks that it has taken out of there
  std::uint8_t left;     ///< blocks to free
};

struct outbox_state {
  static constexpr std::size_t most_values = 6;

  view_memory<outbox_cells, freeing_threads + 1, most_values, loads_outbox_cell> memory;
  std::uint8_t arrived;  ///< blocks that were collected, or passed on to where the page is
  std::uint8_t round;    ///< of whoever makes the lane whole: it counts, then it ends it
  std::uint8_t at;
  std::uint8_t looked;    ///< threads whose outboxes it has looked into
  std::uint8_t has_race;  ///< somebody looked into an outbox without knowing what is there
  std::array<freeing_thread, freeing_threads> threads;
};

class outbox_protocol {
 public:
  /// `ends_after`: the lane ends when the threads have freed what they free; else under their
  /// hands.
  outbox_protocol(bool ends_after, outbox_mistake wrong) : ends_after_(ends_after), wrong_(wrong) {}

  [[nodiscard]] static outbox_state start();
  /// Each thread, for each age of what it may read.
  [[nodiscard]] std::size_t actors() const {
    return (freeing_threads + 1) * outbox_state::most_values;
  }
  [[nodiscard]] bool step(outbox_state& state, std::size_t actor) const;
  [[nodiscard]] const char* failure_of(const outbox_state& state) const;
  [[nodiscard]] bool has_ended(const outbox_state& state) const;

 private:
  bool ends_after_;
  outbox_mistake wrong_;
};

}  // namespace model
