// scope.hpp - which arena the calling thread's allocations belong to.
//
//   connarena::scope serving(*connection.arena);
//   std::pmr::string line(connarena::current_resource());
//
// Scopes nest and end in reverse order, on the thread that made them. Under
// the preload library a scope also directs malloc.
#pragma once

#if __cplusplus < 201703L
#error "connarena needs C++17 or later: -std=c++17"
#else

#include <connarena/arena.hpp>

namespace connarena {

/// Makes an arena the thread's current one for the scope's lifetime.
class scope {
 public:
  /// Pre: `arena` outlives the scope.
  explicit scope(synchronized_arena& arena) noexcept;
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
  ~scope();

 private:
  synchronized_arena* outer_;
  connarena_t previous_;
};

/// The current arena of the calling thread, else std::pmr::new_delete_resource().
[[nodiscard]] std::pmr::memory_resource* current_resource() noexcept;

}  // namespace connarena

#endif  // C++17
