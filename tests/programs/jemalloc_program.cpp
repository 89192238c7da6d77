// jemalloc_program - a program that is linked to jemalloc and uses its own calls,
// beside malloc's, on the same blocks. Runs with the preload library and without it.
//
// Exit codes: 0 all is well, 1 sizes disagree, 2 a block is not as its flags say,
// 3 a resized block has lost its bytes, 4 a block was resized in place to another size
// than it has, 5 an arena of the program's own cannot be made or ended, 6 the ways to
// read a setting disagree, 7 no connection.
#include <jemalloc/jemalloc.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {

constexpr std::array<std::size_t, 11> sizes{1,    16,   100,   500,   1100,   3000,
                                            4095, 4096, 14000, 70000, 1 << 20};

/// What a block is and what it is asked to become.
struct step {
  std::size_t size;
  int flags;
};

bool is_byte(const unsigned char* block, std::size_t from, std::size_t to, unsigned char byte) {
  for (std::size_t i = from; i < to; ++i) {
    if (block[i] != byte) return false;
  }
  return true;
}

std::size_t alignment_of(int flags) { return std::size_t{1} << (flags & 63); }

/// Leaves bytes behind where the next block of the size may lie.
void dirty(std::size_t size) {
  void* const block = mallocx(size, 0);
  std::memset(block, 'd', size);
  dallocx(block, 0);
}

/// A program may use as many bytes as nallocx says, of a block of that size.
bool may_count_on(std::size_t told, std::size_t size, std::size_t usable) {
  return told >= size && told <= usable;
}

int check_malloc() {
  for (const std::size_t size : sizes) {
    void* const block = malloc(size);
    const std::size_t usable = malloc_usable_size(block);
    dallocx(block, 0);
    if (!may_count_on(nallocx(size, 0), size, usable)) return 1;
  }
  return 0;
}

int check_made(const unsigned char* block, step made) {
  const std::size_t usable = malloc_usable_size(const_cast<unsigned char*>(block));
  if (usable < made.size || sallocx(block, made.flags) != usable) return 1;
  if (!may_count_on(nallocx(made.size, made.flags), made.size, usable)) return 1;
  if (reinterpret_cast<std::uintptr_t>(block) % alignment_of(made.flags) != 0) return 2;
  const bool is_zero = (made.flags & MALLOCX_ZERO) != 0;
  return is_zero && !is_byte(block, 0, made.size, 0) ? 2 : 0;
}

int check_resized(const unsigned char* block, std::size_t old_usable, step made) {
  const std::size_t kept = old_usable < made.size ? old_usable : made.size;
  if (!is_byte(block, 0, kept, 'k')) return 3;
  const bool is_zero = (made.flags & MALLOCX_ZERO) != 0;
  return is_zero && !is_byte(block, kept, made.size, 0) ? 3 : 0;
}

/// Each block ends by another of the calls that end one. What free leaves in a cache
/// must not be of an arena that the program destroys.
void give_back(void* block, std::size_t size, int flags) {
  static unsigned turn = 0;
  const bool is_of_own_arena = flags >= MALLOCX_ARENA(0);
  switch (++turn % (is_of_own_arena ? 2 : 3)) {
    case 0:
      return dallocx(block, flags);
    case 1:
      return sdallocx(block, size, flags);
    default:
      free(block);
  }
}

int check_steps(step from, step to) {
  dirty(from.size);
  auto* block = static_cast<unsigned char*>(mallocx(from.size, from.flags));
  if (const int fault = check_made(block, from)) return fault;
  const std::size_t usable = malloc_usable_size(block);
  std::memset(block, 'k', usable);
  if (xallocx(block, from.size, 0, from.flags) != malloc_usable_size(block)) return 4;
  if (to.size > 1) dirty(to.size);
  block = static_cast<unsigned char*>(rallocx(block, to.size, to.flags));
  if (const int fault = check_resized(block, usable, to)) return fault;
  if (const int fault = check_made(block, {to.size, to.flags & ~MALLOCX_ZERO})) return fault;
  give_back(block, to.size, to.flags);
  return 0;
}

int check_sizes(int flags) {
  for (const std::size_t from : sizes) {
    for (const std::size_t to : sizes) {
      if (const int fault = check_steps({from, flags}, {to, flags})) return fault;
    }
  }
  return 0;
}

int check_flags() {
  for (const int flags : {0, MALLOCX_ZERO, MALLOCX_ALIGN(64), MALLOCX_ALIGN(65536),
                          MALLOCX_ALIGN(4096) | MALLOCX_ZERO, MALLOCX_TCACHE_NONE}) {
    if (const int fault = check_sizes(flags)) return fault;
  }
  return 0;
}

/// The blocks of an arena that the program has made of jemalloc go with it.
int check_own_arena() {
  unsigned arena = 0;
  std::size_t width = sizeof arena;
  if (mallctl("arenas.create", &arena, &width, nullptr, 0) != 0) return 5;
  const int flags = MALLOCX_ARENA(arena) | MALLOCX_TCACHE_NONE;
  if (const int fault = check_sizes(flags)) return fault;
  for (const std::size_t size : sizes) {
    void* const block = mallocx(size, flags);
    unsigned owner = 0;
    if (mallctl("arenas.lookup", &owner, &width, const_cast<void**>(&block), sizeof block) != 0 ||
        owner != arena) {
      return 5;
    }
  }
  std::array<char, 40> name{};
  std::snprintf(name.data(), name.size(), "arena.%u.destroy", arena);
  return mallctl(name.data(), nullptr, nullptr, nullptr, 0) == 0 ? 0 : 5;
}

int check_settings() {
  std::size_t by_name = 0;
  std::size_t by_number = 0;
  std::size_t width = sizeof by_name;
  std::array<std::size_t, 4> number{};
  std::size_t depth = number.size();
  if (mallctl("arenas.bin.3.size", &by_name, &width, nullptr, 0) != 0) return 6;
  if (mallctlnametomib("arenas.bin.3.size", number.data(), &depth) != 0) return 6;
  if (mallctlbymib(number.data(), depth, &by_number, &width, nullptr, 0) != 0) return 6;
  return by_name == by_number && by_name == nallocx(by_name, 0) ? 0 : 6;
}

int check_all() {
  if (const int fault = check_malloc()) return fault;
  if (const int fault = check_flags()) return fault;
  if (const int fault = check_own_arena()) return fault;
  return check_settings();
}

}  // namespace

int main() {
  if (const int fault = check_all()) return fault;
  // The same for a thread that serves a connection.
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0 || write(ends[0], "x", 1) != 1) {
    return 7;
  }
  return check_all();
}
