// sanitizer_table.hpp - where sanitizer_api.cpp finds blocks and arenas. Without the C++
// runtime. Threads: whoever has the lock.
#pragma once

#include <search.h>

#include <cstdlib>
#include <new>

namespace connarena {

/// States by their key, in the tree of the C library.
template <typename State>
class sanitizer_table {
 public:
  using key_type = decltype(State::key);

  /// Null if there is none.
  [[nodiscard]] State* find(key_type key) const {
    const State sought{.key = key};
    void* const found = ::tfind(&sought, &root_, compare);
    return found != nullptr ? *static_cast<State**>(found) : nullptr;
  }

  /// Pre: the key is not in it. Null if the memory is short.
  [[nodiscard]] State* add(key_type key) {
    void* const room = std::malloc(sizeof(State));
    if (room == nullptr) return nullptr;
    State* const made = new (room) State{.key = key};
    if (::tsearch(made, &root_, compare) == nullptr) {
      std::free(made);
      return nullptr;
    }
    ++size_;
    return made;
  }

  void remove(State& state) {
    ::tdelete(&state, &root_, compare);
    std::free(&state);
    --size_;
  }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static int compare(const void* left, const void* right) {
    const key_type a = static_cast<const State*>(left)->key;
    const key_type b = static_cast<const State*>(right)->key;
    return static_cast<int>(a > b) - static_cast<int>(a < b);
  }

  void* root_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace connarena
