#include "model/lane_protocol.hpp"

#include "model/lane_turn.hpp"

namespace model {
namespace {

// Of an arena that has no second lane; one more where that was opened. Where a lane may be lent
// from the start, one takes it from its borrower.
constexpr std::uint8_t most_fences = most_changes + 1;

/// Whether a store to a cell is a release.
bool is_release(std::uint8_t stored, std::uint8_t value, mistake wrong) {
  const auto to = static_cast<cell>(stored);
  if (to == cell::guard) return wrong != mistake::relaxed_leave;
  return (to == cell::generation && value != 0) || to >= cell::inside;
}

std::uint8_t value_of(const lane_state& state, cell of) {
  return state.memory[static_cast<std::size_t>(of)];
}

}  // namespace

lane_state lane_protocol::start() const {
  lane_state state{};
  state.memory[static_cast<std::size_t>(cell::generation)] = 1;
  state.memory[static_cast<std::size_t>(cell::page)] = 1;
  if (begins_ == begins::shared) {
    state.memory[static_cast<std::size_t>(cell::hands)] = most_changes;
  }
  state.generations = 1;
  return state;
}

bool lane_protocol::step(lane_state& state, std::size_t actor) const {
  constexpr std::size_t actors_a_thread = 1 + decltype(thread_state::stores)::most;
  const std::size_t thread = actor / actors_a_thread;
  if (const std::size_t number = actor % actors_a_thread) {
    const auto releases = [this](std::uint8_t to, std::uint8_t value) {
      return is_release(to, value, wrong_);
    };
    return state.threads[thread].stores.let_arrive(state.memory, number - 1, releases);
  }
  const script& acts = scripts_[thread];
  const std::size_t act = state.threads[thread].act;
  return act < acts.size() && turn(state, thread, acts[act], wrong_).take();
}

const char* lane_protocol::failure_of(const lane_state& state) const {
  if (state.fences > most_fences + state.has_second) return "too many fences";
  if (value_of(state, cell::sum) > state.expected) return "something was added twice";
  if (!has_ended(state)) return nullptr;
  if (value_of(state, cell::sum) != state.expected) return "something was lost";
  const bool is_closed = value_of(state, cell::generation) == 0;
  return is_closed && state.remote != 0 ? "a block was lost" : nullptr;
}

bool lane_protocol::has_ended(const lane_state& state) const {
  for (std::size_t i = 0; i < scripts_.size(); ++i) {
    const thread_state& each = state.threads[i];
    if (each.act < scripts_[i].size() || !each.stores.is_empty()) return false;
  }
  return value_of(state, cell::guard) != held;
}

}  // namespace model
