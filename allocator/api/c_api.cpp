// c_api.cpp - the C API: each call goes to whoever serves this process.
#include <connarena/connarena.h>

#include "api/api_table.hpp"
#include "api/visit_arenas.hpp"

using connarena::api;

extern "C" {

connarena_t connarena_create_sized(const connarena_options* options, size_t size) {
  return api->create(options, size);
}

void* connarena_malloc(connarena_t arena, size_t size) { return api->malloc(arena, size); }

void* connarena_calloc(connarena_t arena, size_t count, size_t size) {
  return api->calloc(arena, count, size);
}

void* connarena_realloc(connarena_t arena, void* block, size_t size) {
  return api->realloc(arena, block, size);
}

void* connarena_aligned_alloc(connarena_t arena, size_t alignment, size_t size) {
  return api->aligned_alloc(arena, alignment, size);
}

void connarena_free(void* block) { api->free(block); }

void connarena_free_sized(void* block, size_t size) { api->free_sized(block, size); }

size_t connarena_usable_size(const void* block) { return api->usable_size(block); }

connarena_t connarena_of(const void* block) { return api->of(block); }

int connarena_release(connarena_t arena) { return api->release(arena); }

int connarena_close(connarena_t arena) { return api->close(arena); }

int connarena_destroy(connarena_t arena) { return api->destroy(arena); }

connarena_t connarena_enter(connarena_t arena) { return api->enter(arena); }

void connarena_leave(connarena_t previous) { api->leave(previous); }

connarena_t connarena_of_fd(int fd) { return api->of_fd(fd); }

int connarena_get_stats_sized(connarena_t arena, connarena_stats* stats, size_t size) {
  return api->get_stats(arena, stats, size);
}

int connarena_get_process_stats_sized(connarena_process_stats* stats, size_t size) {
  return api->get_process_stats(stats, size);
}

int connarena_idle() { return api->idle(); }

connarena_t connarena_current() {
  const connarena_t current = api->enter(0);
  api->leave(current);
  return current;
}

connarena_t connarena_process_arena() { return api->own_arena(); }

int connarena_owns(const void* block) { return api->owns(block); }

int connarena_trim() { return api->trim(); }

int connarena_publish() { return api->publish(); }

const char* connarena_name(connarena_t arena) { return api->name(arena); }

void* connarena_user(connarena_t arena) { return api->user(arena); }

int connarena_set_user(connarena_t arena, void* user) { return api->set_user(arena, user); }

int connarena_set_limit(connarena_t arena, size_t limit_bytes) {
  return api->set_limit(arena, limit_bytes);
}

int connarena_set_soft_limit(connarena_t arena, size_t bytes, connarena_limit_callback* passed,
                             void* context) {
  return api->set_soft_limit(arena, bytes, passed, context);
}

void connarena_visit(connarena_visitor* see, void* context) {
  connarena::visit_arenas(*api, see, context);
}

}  // extern "C"
