// explorer.hpp - walks through every interleaving of a model's steps.
//
// A state is a plain value: equal bytes are equal states. Each of its threads can take one
// step, or waits; how stores reach the memory is the model's affair. No state is
// walked through twice.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <vector>

namespace model {

/// What a walk found: how many states there are, and, where the model failed, why.
struct walk {
  std::size_t states = 0;
  std::string failure;
};

/// A model has `actors(state)`; `step(state, actor)`, false if that actor has to wait;
/// `failure_of(state)`, null if there is none; `has_ended(state)`.
template <typename Model, typename State>
[[nodiscard]] walk explore(const Model& model, const State& start) {
  static_assert(std::has_unique_object_representations_v<State>);
  const auto bytes_of = [](const State& state) {
    return std::string(reinterpret_cast<const char*>(&state), sizeof state);
  };
  std::unordered_set<std::string> seen{bytes_of(start)};
  std::vector<State> open{start};
  while (!open.empty()) {
    const State state = open.back();
    open.pop_back();
    bool moves = false;
    for (std::size_t actor = 0; actor < model.actors(); ++actor) {
      State next = state;
      if (!model.step(next, actor)) continue;
      moves = true;
      if (const char* const failure = model.failure_of(next)) return {seen.size(), failure};
      if (seen.insert(bytes_of(next)).second) open.push_back(next);
    }
    if (!moves && !model.has_ended(state)) return {seen.size(), "all threads wait"};
  }
  return {seen.size(), {}};
}

}  // namespace model
