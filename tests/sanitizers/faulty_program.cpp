// faulty_program CASE - commits one fault that AddressSanitizer is to find, or does
// what it is to find nothing in. Compiled with it; the library is not.
//
// Prints the line that commits the fault. Exit codes: 0 nothing was found, 11 no such
// case.
#include <connarena/arena.hpp>
#include <connarena/connarena.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

// The statement, and where it stands.
#define FAULT(statement)         \
  std::printf("%d\n", __LINE__); \
  std::fflush(stdout);           \
  statement

namespace {

volatile char sink;
constexpr std::size_t bytes = 100;

char* allocate(connarena_t arena) { return static_cast<char*>(connarena_malloc(arena, bytes)); }
char* allocate(std::pmr::memory_resource& arena) {
  return static_cast<char*>(arena.allocate(bytes));
}

void use_after_free() {
  char* const block = allocate(connarena_create(nullptr));
  connarena_free(block);
  FAULT(block[0] = 'x');
}

void use_after_release() {
  const connarena_t arena = connarena_create(nullptr);
  char* const block = allocate(arena);
  connarena_release(arena);
  FAULT(sink = block[50]);
}

void use_after_destroy() {
  const connarena_t arena = connarena_create(nullptr);
  char* const block = static_cast<char*>(connarena_calloc(arena, 1, 100000));
  connarena_destroy(arena);
  FAULT(sink = block[5000]);
}

void use_of_what_was_freed_before_close() {
  const connarena_t arena = connarena_create(nullptr);
  char* const block = allocate(arena);
  connarena_free(block);
  connarena_close(arena);
  FAULT(sink = block[0]);
}

void use_of_a_freed_survivor() {
  const connarena_t arena = connarena_create(nullptr);
  char* const block = allocate(arena);
  connarena_close(arena);
  block[0] = 'x';
  std::thread([block] { connarena_free(block); }).join();
  FAULT(sink = block[0]);
}

void use_after_realloc() {
  const connarena_t arena = connarena_create(nullptr);
  char* const block = allocate(arena);
  sink = *static_cast<char*>(std::memset(connarena_realloc(arena, block, bytes + 1), 0, bytes));
  FAULT(sink = block[0]);
}

void write_past_the_end() {
  char* const block = allocate(connarena_create(nullptr));
  FAULT(block[bytes] = 'x');
}

void double_free() {
  char* const block = allocate(connarena_create(nullptr));
  connarena_free(block);
  FAULT(connarena_free(block));
}

void use_after_arena_is_gone() {
  const char* element = nullptr;
  {
    connarena::arena arena;
    element = std::pmr::vector<char>(bytes, 'x', &arena).data();
    element = allocate(arena);
  }
  FAULT(sink = *element);
}

void use_after_arena_release() {
  connarena::arena arena;
  char* const block = allocate(arena);
  arena.release();
  FAULT(block[0] = 'x');
}

void use_after_deallocate() {
  connarena::synchronized_arena arena;
  char* const block = allocate(arena);
  arena.deallocate(block, bytes);
  FAULT(block[0] = 'x');
}

void use_after_synchronized_arena_is_gone() {
  char* block = nullptr;
  {
    connarena::synchronized_arena arena;
    block = allocate(arena);
  }
  FAULT(block[0] = 'x');
}

/// Survivors, and resources that drain, stay what they are.
void no_fault() {
  const connarena_t closing = connarena_create(nullptr);
  char* const survivor = allocate(closing);
  connarena_close(closing);
  std::memset(survivor, 'x', bytes);
  connarena_free(survivor);

  connarena::arena_ptr pointer = connarena::synchronized_arena::open();
  std::pmr::memory_resource* const resource = pointer.get();
  char* const held = allocate(*resource);
  pointer.reset();
  char* const later = allocate(*resource);
  std::memset(held, 'x', bytes);
  std::memset(later, 'x', bytes);
  resource->deallocate(held, bytes);
  resource->deallocate(later, bytes);

  connarena::arena arena;
  std::pmr::vector<int> numbers(&arena);
  for (int i = 0; i < 10000; ++i) numbers.push_back(i);
}

/// What only a block of an open arena points at is no leak.
void no_leak() {
  static const connarena_t arena = connarena_create(nullptr);
  void** const block = static_cast<void**>(connarena_malloc(arena, sizeof(void*)));
  *block = std::malloc(1000);
}

struct fault_case {
  std::string_view name;
  void (*commit)();
};

constexpr fault_case cases[] = {
    {"use_after_free", use_after_free},
    {"use_after_release", use_after_release},
    {"use_after_destroy", use_after_destroy},
    {"use_of_what_was_freed_before_close", use_of_what_was_freed_before_close},
    {"use_of_a_freed_survivor", use_of_a_freed_survivor},
    {"use_after_realloc", use_after_realloc},
    {"write_past_the_end", write_past_the_end},
    {"double_free", double_free},
    {"use_after_arena_is_gone", use_after_arena_is_gone},
    {"use_after_arena_release", use_after_arena_release},
    {"use_after_deallocate", use_after_deallocate},
    {"use_after_synchronized_arena_is_gone", use_after_synchronized_arena_is_gone},
    {"no_fault", no_fault},
    {"no_leak", no_leak},
};

}  // namespace

int main(int count, char** words) {
  for (const fault_case& each : cases) {
    if (count != 2 || each.name != words[1]) continue;
    each.commit();
    return 0;
  }
  return 11;
}
