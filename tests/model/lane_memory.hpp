// lane_memory.hpp - how a thread of the model in lane_protocol.hpp reads and writes what it
// shares with others.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/lane_protocol.hpp"

namespace model {

class lane_memory {
 public:
  lane_memory(lane_state& state, std::size_t thread)
      : state_(state), self_(state.threads[thread]), id_(static_cast<std::uint8_t>(thread + 1)) {}

 protected:
  [[nodiscard]] std::uint8_t load(cell of) const {
    return self_.stores.read(static_cast<std::uint8_t>(of),
                             state_.memory[static_cast<std::size_t>(of)]);
  }
  bool store(cell to, std::uint8_t value) {
    return self_.stores.push(static_cast<std::uint8_t>(to), value);
  }
  /// Before an atomic read-modify-write that releases every store has arrived.
  [[nodiscard]] bool may_modify() const { return self_.stores.is_empty(); }
  /// One that only acquires overtakes others, but none to its own cell.
  [[nodiscard]] bool may_acquire(cell of) const {
    return !self_.stores.has(static_cast<std::uint8_t>(of));
  }
  std::uint8_t& modified(cell of) { return state_.memory[static_cast<std::size_t>(of)]; }
  [[nodiscard]] cell inside_of(std::uint8_t id) const {
    return static_cast<cell>(static_cast<std::uint8_t>(cell::inside) + id - 1);
  }

  lane_state& state_;
  thread_state& self_;
  const std::uint8_t id_;
};

}  // namespace model
