#include "arena/lane/habit.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace connarena {
namespace {

// So many lanes have to stay for each that moved. A fence takes some thousand times what
// an owner saves with a block, and a connection makes hundreds: it is not worth one in four.
constexpr std::uint32_t stays_a_move = 4;
constexpr std::uint32_t most_moves = 16 * stays_a_move;
constexpr std::uint32_t moves_that_show_a_habit = 8 * stays_a_move;
// A fence for so many lanes is lost beside what it costs to open and to end them.
constexpr std::uint32_t lanes_a_trial = 64;

// Updates that are lost do not matter.
std::atomic<std::uint32_t> moves{0};
std::atomic<std::uint32_t> opened{0};  ///< while lanes move

}  // namespace

void note_lane_moved() noexcept {
  const std::uint32_t before = moves.load(std::memory_order_relaxed);
  moves.store(std::min(before + stays_a_move, most_moves), std::memory_order_relaxed);
}

void note_lane_stayed() noexcept {
  const std::uint32_t before = moves.load(std::memory_order_relaxed);
  if (before != 0) moves.store(before - 1, std::memory_order_relaxed);
}

bool may_new_lane_be_owned() noexcept {
  if (moves.load(std::memory_order_relaxed) < moves_that_show_a_habit) [[likely]]
    return true;
  const std::uint32_t before = opened.load(std::memory_order_relaxed);
  opened.store(before + 1, std::memory_order_relaxed);
  return before % lanes_a_trial == 0;
}

}  // namespace connarena
