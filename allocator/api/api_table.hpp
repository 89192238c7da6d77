// api_table.hpp - who serves the calls of the C API and of the C++ classes.
//
// There are three: this library's own core, the preload library's, so that a process has
// one core, and AddressSanitizer, in a program that is compiled with it. One of them is
// chosen as the process starts, and serves it to its end.
//
// A table is a contract between libraries of different versions: it grows at its end.
// What a member means changes only together with `version`.
#pragma once

#include <cstddef>
#include <cstdint>

#include <connarena/connarena.h>

#include "arena/lane/free_result.hpp"

namespace connarena {

struct api_table {
  std::uint32_t version;
  std::uint32_t size_bytes;  ///< of the table, as the library that made it knows it

  // the C API, by its names; what takes a struct as its `_sized` one
  connarena_t (*create)(const connarena_options*, size_t options_size);
  void* (*malloc)(connarena_t, size_t);
  void* (*calloc)(connarena_t, size_t, size_t);
  void* (*realloc)(connarena_t, void*, size_t);
  void* (*aligned_alloc)(connarena_t, size_t alignment, size_t);
  void (*free)(void*);
  size_t (*usable_size)(const void*);
  connarena_t (*of)(const void*);
  int (*release)(connarena_t);
  int (*close)(connarena_t);
  int (*destroy)(connarena_t);
  connarena_t (*enter)(connarena_t);
  void (*leave)(connarena_t);
  connarena_t (*of_fd)(int);
  int (*get_stats)(connarena_t, connarena_stats*, size_t stats_size);
  int (*get_process_stats)(connarena_process_stats*, size_t stats_size);
  int (*idle)();

  // what the C++ classes ask besides
  /// As create, for a memory resource: core::open_resource.
  connarena_t (*create_resource)(const connarena_options*, size_t options_size);
  /// An arena for what outlives its own; it never ends. 0 when no memory is left.
  connarena_t (*own_arena)();
  /// Frees a block that was asked of an arena for so many bytes: core::deallocate_of.
  free_result (*deallocate_of)(connarena_t, void*, size_t);
  /// Resizes such a block, while the arena is open: core::reallocate_of.
  void* (*reallocate_of)(connarena_t, void*, size_t old_size, size_t);
  /// As close, and says how many blocks are still alive.
  int (*drain)(connarena_t, size_t* survivors);

  // the C API again
  int (*owns)(const void*);
  int (*trim)();
  const char* (*name)(connarena_t);
  void* (*user)(connarena_t);
  int (*set_user)(connarena_t, void*);
  /// The open arena that comes behind another in some order; after 0 the first. 0: none.
  connarena_t (*next)(connarena_t after);
  void (*free_sized)(void*, size_t);
  int (*publish)();
  int (*set_limit)(connarena_t, size_t limit_bytes);
  int (*set_soft_limit)(connarena_t, size_t bytes, connarena_limit_callback*, void* context);
};

inline constexpr std::uint32_t api_version = 3;

/// Under this name the preload library exports its table.
inline constexpr const char* api_symbol = "connarena_preload_api";

/// Whether a table has all that this library calls.
[[nodiscard]] constexpr bool is_usable(const api_table& table) noexcept {
  return table.version == api_version && table.size_bytes >= sizeof(api_table);
}

// Hidden, so that the C API reaches them without the global offset table.

/// Who serves this process; never null.
[[gnu::visibility("hidden")]] extern const api_table* api;

/// This library's own core.
[[gnu::visibility("hidden")]] extern const api_table own_api;

}  // namespace connarena
