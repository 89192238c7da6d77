// Faults through the C++ classes.
#include <connarena/arena.hpp>

#include <cstdlib>
#include <cstring>

#include "misuse/misuse_case.hpp"

namespace misuse {
namespace {

template <typename Resource>
void move_past_first_block(Resource& arena) {
  static_cast<void>(arena.allocate(1024));
}

template <typename Resource, std::size_t Bytes>
void double_free() {
  Resource arena;
  move_past_first_block(arena);
  void* block = arena.allocate(Bytes);
  announce(block);
  arena.deallocate(block, Bytes);
  arena.deallocate(block, Bytes);
}

template <typename Resource, std::size_t Bytes>
void free_into_another_arena() {
  Resource arena;
  Resource other;
  move_past_first_block(arena);
  void* block = arena.allocate(Bytes);
  announce(block);
  other.deallocate(block, Bytes);
}

template <typename Resource>
void free_of_malloc() {
  Resource arena;
  void* foreign = std::malloc(64);
  announce(foreign);
  arena.deallocate(foreign, 64);
}

template <typename Resource, std::size_t Bytes>
void free_after_release() {
  Resource arena;
  for (int i = 0; i < 200; ++i) static_cast<void>(arena.allocate(1000));
  void* block = arena.allocate(Bytes);
  for (int i = 0; i < 200; ++i) static_cast<void>(arena.allocate(1000));
  announce(block);
  arena.release();
  arena.deallocate(block, Bytes);
}

template <typename Resource, std::size_t Bytes, std::size_t Claimed>
void free_with_wrong_size() {
  Resource arena;
  move_past_first_block(arena);
  void* block = arena.allocate(Bytes);
  announce(block);
  arena.deallocate(block, Claimed);
}

template <typename Resource>
void corrupted_free_list() {
  Resource arena;
  move_past_first_block(arena);
  void* blocks[4];
  for (void*& each : blocks) each = arena.allocate(320);
  static_cast<void>(arena.allocate(320));
  for (void* each : blocks) arena.deallocate(each, 320);
  for (void* each : blocks) std::memset(each, 'A', 320);
  for (int i = 0; i < 4; ++i) static_cast<void>(arena.allocate(320));
}

using connarena::arena;
using connarena::synchronized_arena;

constexpr misuse_case cases[] = {
    {"arena_double_free_small", double_free<arena, 64>},
    {"arena_double_free_page", double_free<arena, 20000>},
    {"arena_free_into_another_small", free_into_another_arena<arena, 64>},
    {"arena_free_into_another_page", free_into_another_arena<arena, 20000>},
    {"arena_free_of_malloc", free_of_malloc<arena>},
    {"arena_free_after_release_small", free_after_release<arena, 64>},
    {"arena_free_after_release_page", free_after_release<arena, 20000>},
    {"arena_wrong_size_smaller", free_with_wrong_size<arena, 640, 64>},
    {"arena_wrong_size_larger", free_with_wrong_size<arena, 64, 640>},
    {"arena_wrong_size_page", free_with_wrong_size<arena, 20000, 64>},
    {"arena_corrupted_free_list", corrupted_free_list<arena>},
    {"synchronized_arena_double_free_small", double_free<synchronized_arena, 64>},
    {"synchronized_arena_double_free_page", double_free<synchronized_arena, 20000>},
    {"synchronized_arena_free_into_another", free_into_another_arena<synchronized_arena, 64>},
    {"synchronized_arena_free_of_malloc", free_of_malloc<synchronized_arena>},
    {"synchronized_arena_free_after_release", free_after_release<synchronized_arena, 64>},
    {"synchronized_arena_wrong_size", free_with_wrong_size<synchronized_arena, 640, 64>},
    {"synchronized_arena_corrupted_free_list", corrupted_free_list<synchronized_arena>},
};

}  // namespace

std::span<const misuse_case> cases_of_arena() { return cases; }

}  // namespace misuse
