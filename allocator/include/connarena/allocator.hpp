// allocator.hpp - an allocator of one kind of arena, for containers that need no other.
//
//   connarena::arena arena;
//   std::vector<int, connarena::allocator<int>> numbers(&arena);
//
// As std::pmr::polymorphic_allocator, without a virtual call: the kind of arena is part of
// the container's type. A container that is moved or swapped takes its arena along, one that
// is copied has the arena of what it copies.
#pragma once

#include <connarena/arena.hpp>

#if __cplusplus >= 201703L

#include <cstddef>
#include <limits>
#include <new>
#include <type_traits>

namespace connarena {

/// Arena: connarena::arena or connarena::synchronized_arena. It outlives the container.
template <typename T, typename Arena = arena>
class allocator {
 public:
  /// What std::allocator_traits asks for.
  /// @{
  using value_type = T;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  using is_always_equal = std::false_type;
  /// @}
  /// The same of another type.
  template <typename Other>
  struct rebind {
    using other = allocator<Other, Arena>;  ///< that
  };

  /// Of that arena, or of that of another allocator.
  /// @{
  allocator(Arena* in) noexcept : in_(in) {}
  template <typename Other>
  allocator(const allocator<Other, Arena>& other) noexcept : in_(other.resource()) {}
  /// @}

  /// Fails: arena_limit_exceeded or std::bad_alloc, as the arena does,
  /// std::bad_array_new_length where no object is so large.
  [[nodiscard]] T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) {
      throw std::bad_array_new_length();
    }
    return static_cast<T*>(in_->do_allocate(count * sizeof(T), alignof(T)));
  }
  /// Takes what `allocate` gave for `count` objects.
  void deallocate(T* block, std::size_t count) noexcept {
    in_->do_deallocate(block, count * sizeof(T), alignof(T));
  }

  /// The arena.
  [[nodiscard]] Arena* resource() const noexcept { return in_; }

 private:
  Arena* in_;
};

template <typename T, typename Other, typename Arena>
[[nodiscard]] bool operator==(const allocator<T, Arena>& left,
                              const allocator<Other, Arena>& right) noexcept {
  return left.resource() == right.resource();
}
template <typename T, typename Other, typename Arena>
[[nodiscard]] bool operator!=(const allocator<T, Arena>& left,
                              const allocator<Other, Arena>& right) noexcept {
  return !(left == right);
}

}  // namespace connarena

#endif  // C++17
