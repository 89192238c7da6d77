// Faults through the C API.
#include <connarena/connarena.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "misuse/misuse_case.hpp"

namespace misuse {
namespace {

/// Past what an arena's control block holds itself.
constexpr std::size_t first_block_bytes = 1024;

/// An arena whose next blocks are on pages of its own.
connarena_t create_beyond_first_block() {
  const connarena_t arena = connarena_create(nullptr);
  static_cast<void>(connarena_malloc(arena, first_block_bytes));
  return arena;
}

template <std::size_t Bytes>
void double_free() {
  const connarena_t arena = create_beyond_first_block();
  void* block = connarena_malloc(arena, Bytes);
  announce(block);
  connarena_free(block);
  connarena_free(block);
}

template <std::size_t Bytes, std::size_t Claimed>
void free_with_wrong_size() {
  const connarena_t arena = create_beyond_first_block();
  void* block = connarena_malloc(arena, Bytes);
  announce(block);
  connarena_free_sized(block, Claimed);
}

template <std::size_t Bytes>
void double_free_with_size() {
  const connarena_t arena = create_beyond_first_block();
  void* block = connarena_malloc(arena, Bytes);
  announce(block);
  connarena_free_sized(block, Bytes);
  connarena_free_sized(block, Bytes);
}

void double_free_in_first_block() {
  void* block = connarena_malloc(connarena_create(nullptr), 64);
  announce(block);
  connarena_free(block);
  connarena_free(block);
}

template <std::size_t Bytes>
void double_free_by_another_thread() {
  const connarena_t arena = create_beyond_first_block();
  void* block = connarena_malloc(arena, Bytes);
  announce(block);
  std::thread other([block] {
    connarena_free(block);
    connarena_free(block);
  });
  other.join();
  // The owner takes what others freed at its next operations.
  for (int i = 0; i < 100; ++i) static_cast<void>(connarena_malloc(arena, Bytes));
  connarena_close(arena);
}

template <std::size_t Bytes>
void double_free_of_survivor() {
  const connarena_t arena = create_beyond_first_block();
  void* block = connarena_malloc(arena, Bytes);
  // Keeps the page, so that the address is not reused.
  static_cast<void>(connarena_malloc(arena, Bytes));
  announce(block);
  connarena_close(arena);
  connarena_free(block);
  connarena_free(block);
}

template <std::size_t Bytes, std::size_t Offset>
void free_inside() {
  const connarena_t arena = create_beyond_first_block();
  char* block = static_cast<char*>(connarena_malloc(arena, Bytes));
  announce(block + Offset);
  connarena_free(block + Offset);
}

/// The start of the page that a block starts in, or else of the one before.
void free_before_block() {
  const connarena_t arena = create_beyond_first_block();
  constexpr std::size_t quarter_bytes = 1024;
  static_cast<void>(connarena_malloc(arena, 20000));
  char* block = static_cast<char*>(connarena_malloc(arena, 20000));
  const std::size_t offset = reinterpret_cast<std::uintptr_t>(block) % quarter_bytes;
  char* const before = block - (offset != 0 ? offset : quarter_bytes);
  announce(before);
  connarena_free(before);
}

void free_of_stack() {
  connarena_create(nullptr);
  alignas(16) char local[64];
  announce(local);
  connarena_free(local);
}

void free_of_malloc() {
  connarena_create(nullptr);
  void* foreign = std::malloc(64);
  announce(foreign);
  connarena_free(foreign);
}

void free_before_any_arena() {
  alignas(16) static char foreign[64];
  announce(foreign);
  connarena_free(foreign);
}

template <int (*End)(connarena_t), std::size_t Bytes>
void free_after() {
  const connarena_t arena = create_beyond_first_block();
  // Fills the first pages, so that the block is on one the arena gives up.
  for (int i = 0; i < 200; ++i) static_cast<void>(connarena_malloc(arena, 1000));
  void* block = connarena_malloc(arena, Bytes);
  for (int i = 0; i < 200; ++i) static_cast<void>(connarena_malloc(arena, 1000));
  announce(block);
  End(arena);
  connarena_free(block);
}

/// The next arena starts in the same memory, but for the block that is freed late.
void free_in_the_next_arenas_place() {
  const connarena_t arena = create_beyond_first_block();
  static_cast<void>(connarena_malloc(arena, 1000));
  void* block = connarena_malloc(arena, 64);
  announce(block);
  connarena_destroy(arena);
  static_cast<void>(connarena_malloc(connarena_create(nullptr), 64));
  connarena_free(block);
}

void double_free_after_close() {
  const connarena_t arena = connarena_create(nullptr);
  void* block = connarena_malloc(arena, 64);
  announce(block);
  connarena_free(block);
  connarena_close(arena);
  connarena_free(block);
}

void corrupted_free_list() {
  const connarena_t arena = create_beyond_first_block();
  void* blocks[4];
  for (void*& each : blocks) each = connarena_malloc(arena, 64);
  static_cast<void>(connarena_malloc(arena, 64));
  for (void* each : blocks) connarena_free(each);
  for (void* each : blocks) std::memset(each, 'A', 64);
  for (int i = 0; i < 4; ++i) static_cast<void>(connarena_malloc(arena, 64));
}

constexpr misuse_case cases[] = {
    {"c_wrong_size_smaller", free_with_wrong_size<640, 64>},
    {"c_wrong_size_larger", free_with_wrong_size<64, 640>},
    {"c_wrong_size_page_smaller", free_with_wrong_size<20000, 64>},
    {"c_wrong_size_page_half", free_with_wrong_size<20000, 9000>},
    {"c_wrong_size_page_larger", free_with_wrong_size<20000, 30000>},
    {"c_double_free_with_size_small", double_free_with_size<64>},
    {"c_double_free_with_size_page", double_free_with_size<20000>},
    {"c_double_free_small", double_free<64>},
    {"c_double_free_large_class", double_free<3000>},
    {"c_double_free_page", double_free<5000>},
    {"c_double_free_huge", double_free<5000000>},
    {"c_double_free_first_block", double_free_in_first_block},
    {"c_double_free_by_another_thread", double_free_by_another_thread<64>},
    {"c_double_free_page_by_another_thread", double_free_by_another_thread<20000>},
    {"c_double_free_survivor", double_free_of_survivor<64>},
    {"c_free_inside_small_next_granule", free_inside<64, 16>},
    {"c_free_inside_small_odd_address", free_inside<64, 1>},
    {"c_free_inside_page_block", free_inside<20000, 4096>},
    {"c_free_inside_page_block_odd_address", free_inside<20000, 24>},
    {"c_free_inside_page_block_next_line", free_inside<20000, 64>},
    {"c_free_before_page_block", free_before_block},
    {"c_free_of_stack", free_of_stack},
    {"c_free_of_malloc", free_of_malloc},
    {"c_free_before_any_arena", free_before_any_arena},
    {"c_free_after_release_small", free_after<connarena_release, 64>},
    {"c_free_after_release_page", free_after<connarena_release, 20000>},
    {"c_free_after_destroy_small", free_after<connarena_destroy, 64>},
    {"c_free_after_destroy_page", free_after<connarena_destroy, 20000>},
    {"c_free_after_destroy_in_the_next_arenas_place", free_in_the_next_arenas_place},
    {"c_double_free_after_close", double_free_after_close},
    {"c_corrupted_free_list", corrupted_free_list},
};

}  // namespace

std::span<const misuse_case> cases_of_c_api() { return cases; }

}  // namespace misuse
