#include "model/row_protocol.hpp"

namespace model {
namespace {

constexpr std::uint8_t owners = 3;
constexpr std::size_t id_cell = figures_of_row;
constexpr std::size_t writer = 0;
constexpr std::size_t reader = 1;

enum write_at : std::uint8_t { clear_id, fence, write_figure };
constexpr std::uint8_t write_id = write_figure + figures_of_row;
constexpr std::uint8_t end_row = write_id + 1;

enum read_at : std::uint8_t { first_look, read_figure };
constexpr std::uint8_t reader_fence = read_figure + figures_of_row;
constexpr std::uint8_t second_look = reader_fence + 1;
constexpr std::uint8_t has_read = second_look + 1;

order strong_unless(bool is_wrong) { return is_wrong ? order::relaxed : order::strong; }

}  // namespace

/// Begins and ends the row for one after the other. The figures of each are its number.
bool row_protocol::write_step(row_state& state) const {
  if (state.owner == owners) return false;
  const auto number = static_cast<std::uint8_t>(state.owner + 1);
  const bool is_wrong = wrong_ == row_mistake::relaxed_figures;
  auto& memory = state.memory;
  const std::uint8_t at = state.written++;
  switch (at) {
    case clear_id:
      return memory.store(writer, id_cell, 0, order::relaxed);
    case fence:
      if (how_ == figures_come::after_fence && !is_wrong) memory.fence_release(writer);
      return true;
    case write_id:
      return memory.store(writer, id_cell, number,
                          strong_unless(wrong_ == row_mistake::relaxed_id));
    case end_row:
      state.written = clear_id;
      ++state.owner;
      return memory.store(writer, id_cell, 0, order::strong);
    default:
      return memory.store(writer, static_cast<std::size_t>(at - write_figure), number,
                          strong_unless(is_wrong || how_ == figures_come::after_fence));
  }
}

/// Reads once.
bool row_protocol::read_step(row_state& state, std::size_t age) const {
  auto& memory = state.memory;
  const std::uint8_t at = state.read;
  if (at == has_read || (at == reader_fence && age != 0)) return false;
  ++state.read;
  if (at == reader_fence) {
    if (wrong_ != row_mistake::no_fence_of_reader) memory.fence_acquire(reader);
    return true;
  }
  const bool is_look = at == first_look || at == second_look;
  const bool acquires = at == first_look && wrong_ != row_mistake::relaxed_first_look;
  const std::optional<std::uint8_t> found =
      memory.load(reader, is_look ? id_cell : static_cast<std::size_t>(at - read_figure), age,
                  strong_unless(!acquires));
  if (!found) return false;
  if (at == first_look) {
    state.id = *found;
    if (state.id == 0) state.read = has_read;
  } else if (at == second_look) {
    state.is_taken = *found == state.id || wrong_ == row_mistake::no_second_look;
  } else {
    state.figures[static_cast<std::size_t>(at - read_figure)] = *found;
  }
  return true;
}

bool row_protocol::step(row_state& state, std::size_t actor) const {
  return actor == 0 ? write_step(state) : read_step(state, actor - 1);
}

const char* row_protocol::failure_of(const row_state& state) const {
  if (state.is_taken == 0) return nullptr;
  for (const std::uint8_t figure : state.figures) {
    if (figure != state.id) return "figures of another";
  }
  return nullptr;
}

bool row_protocol::has_ended(const row_state& state) const {
  return state.owner == owners && state.read == has_read;
}

}  // namespace model
