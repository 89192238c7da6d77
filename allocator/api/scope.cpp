// scope.cpp - the thread's current arena as a memory resource.
#include <connarena/scope.hpp>

#include "api/api_table.hpp"

namespace connarena {
namespace {

/// The arena of the thread's innermost scope.
thread_local synchronized_arena* innermost = nullptr;

}  // namespace

scope::scope(synchronized_arena& arena) noexcept
    : outer_(innermost), previous_(api->enter(arena.handle())) {
  innermost = &arena;
}

scope::~scope() {
  innermost = outer_;
  api->leave(previous_);
}

std::pmr::memory_resource* current_resource() noexcept {
  if (innermost == nullptr) return std::pmr::new_delete_resource();
  const connarena_t current = api->enter(0);
  api->leave(current);
  const bool is_scoped = current == innermost->handle() && current != 0;
  return is_scoped ? innermost : std::pmr::new_delete_resource();
}

}  // namespace connarena
