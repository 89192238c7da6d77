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

#include <cstddef>

#include <connarena/arena.hpp>

namespace connarena {

/// Makes an arena the thread's current one for the scope's lifetime.
class scope {
 public:
  /// Pre: `arena` outlives the scope.
  explicit scope(synchronized_arena& arena) noexcept;
  /// The same of an arena for one thread; it directs no malloc.
  explicit scope(arena& arena) noexcept;
  /// No arena is current: for what belongs to no connection.
  explicit scope(std::nullptr_t) noexcept;
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
  ~scope();

 private:
  scope(std::pmr::memory_resource* resource, connarena_t handle) noexcept;
  friend std::pmr::memory_resource* current_resource() noexcept;

  std::pmr::memory_resource* resource_;  ///< null: none
  connarena_t handle_;                   ///< what the thread has entered for it
  const scope* outer_;
  connarena_t previous_;
};

/// The current arena of the calling thread, else std::pmr::new_delete_resource().
[[nodiscard]] std::pmr::memory_resource* current_resource() noexcept;

/// Base of a coroutine's promise: its frame lies in the arena that is current where the
/// coroutine is called.
///
///   struct promise_type : connarena::frame_in_arena { ... };
///
/// A frame that outlives an arena_ptr keeps its memory, as any block does. Threads: any
/// may destroy it, where the arena is for any thread.
struct frame_in_arena {
  /// Fails: arena_limit_exceeded or std::bad_alloc, as the arena does.
  static void* operator new(std::size_t size_bytes);
  /// Gives it back to where it came from.
  static void operator delete(void* frame, std::size_t size_bytes) noexcept;
};

}  // namespace connarena

#endif  // C++17
