// scope.cpp - the thread's current arena as a memory resource.
#include <connarena/scope.hpp>

#include "api/api_table.hpp"

namespace connarena {
namespace {

thread_local const scope* innermost = nullptr;

}  // namespace

scope::scope(std::pmr::memory_resource* resource, connarena_t handle) noexcept
    : resource_(resource), handle_(handle), outer_(innermost), previous_(api->enter(handle)) {
  innermost = this;
}

scope::scope(synchronized_arena& arena) noexcept : scope(&arena, arena.handle()) {}
scope::scope(arena& arena) noexcept : scope(&arena, 0) {}
scope::scope(std::nullptr_t) noexcept : scope(nullptr, 0) {}

scope::~scope() {
  innermost = outer_;
  api->leave(previous_);
}

std::pmr::memory_resource* current_resource() noexcept {
  // Another arena may have been entered since, and an arena that has ended is none.
  const bool is_scoped = innermost != nullptr && innermost->resource_ != nullptr &&
                         connarena_current() == innermost->handle_;
  return is_scoped ? innermost->resource_ : std::pmr::new_delete_resource();
}

namespace {

/// In front of a frame.
struct alignas(std::max_align_t) frame_head {
  std::pmr::memory_resource* from;
};

}  // namespace

void* frame_in_arena::operator new(std::size_t size_bytes) {
  std::pmr::memory_resource* const from = current_resource();
  void* const block = from->allocate(sizeof(frame_head) + size_bytes, alignof(frame_head));
  return new (block) frame_head{from} + 1;
}

void frame_in_arena::operator delete(void* frame, std::size_t size_bytes) noexcept {
  frame_head* const head = static_cast<frame_head*>(frame) - 1;
  head->from->deallocate(head, sizeof(frame_head) + size_bytes, alignof(frame_head));
}

}  // namespace connarena
