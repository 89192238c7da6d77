// own_calls.hpp - the C API as this library's own core serves it.
//
// In the library a table leads here; the preload library's exported functions do so
// themselves, since a signal handler has to know of them.
#pragma once

#include <connarena/connarena.h>

#include "arena/lane/free_result.hpp"

namespace connarena::own {

connarena_t create(const connarena_options* options, size_t options_size) noexcept;
void* malloc(connarena_t arena, size_t size) noexcept;
void* calloc(connarena_t arena, size_t count, size_t size) noexcept;
void* realloc(connarena_t arena, void* block, size_t size) noexcept;
void* aligned_alloc(connarena_t arena, size_t alignment, size_t size) noexcept;
void free(void* block) noexcept;
void free_sized(void* block, size_t size) noexcept;
size_t usable_size(const void* block) noexcept;
connarena_t of(const void* block) noexcept;
int release(connarena_t arena) noexcept;
int close(connarena_t arena) noexcept;
int destroy(connarena_t arena) noexcept;
int get_stats(connarena_t arena, connarena_stats* stats, size_t stats_size) noexcept;
int get_process_stats(connarena_process_stats* stats, size_t stats_size) noexcept;

int owns(const void* block) noexcept;
int trim() noexcept;
int set_user(connarena_t arena, void* user) noexcept;
int set_limit(connarena_t arena, size_t limit_bytes) noexcept;
int set_soft_limit(connarena_t arena, size_t bytes, connarena_limit_callback* passed,
                   void* context) noexcept;

// For the C++ classes: see api_table.
connarena_t create_resource(const connarena_options* options, size_t options_size) noexcept;
int drain(connarena_t arena, size_t* survivors) noexcept;

}  // namespace connarena::own
