/* memory_hooks_program.c - what docs/how-to/memory-hooks.md says of libraries that have one set
 * of memory functions for the process. Each case ends with a code of its own where it fails.
 */
#include <cjson/cJSON.h>
#include <connarena/connarena.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

static connarena_t whose(void) {
  const connarena_t entered = connarena_current();
  return entered != 0 ? entered : connarena_process_arena();
}
static void* hook_malloc(size_t size) { return connarena_malloc(whose(), size); }
static void* hook_calloc(size_t count, size_t size) {
  return connarena_calloc(whose(), count, size);
}
static void* hook_realloc(void* block, size_t size) {
  return connarena_realloc(whose(), block, size);
}
static void hook_free(void* block) { connarena_free(block); }

/* A parsed document goes with its connection, without cJSON_Delete. */
static int parse(void) {
  cJSON_Hooks hooks = {hook_malloc, hook_free};
  cJSON_InitHooks(&hooks);
  const connarena_t arena = connarena_create(NULL);
  const connarena_t outer = connarena_enter(arena);
  cJSON* const document = cJSON_Parse("{\"a\": [1, 2, 3, {\"b\": \"a text that is kept\"}]}");
  connarena_leave(outer);
  if (document == NULL || connarena_of(document) != arena) return 2;
  if (connarena_of(document->child->string) != arena) return 3;
  return connarena_destroy(arena) == 0 ? 0 : 4;
}

static void no_room(uv_handle_t* handle, size_t wanted, uv_buf_t* room) {
  (void)handle, (void)wanted;
  *room = uv_buf_init(NULL, 0);
}
static void ignore(uv_stream_t* stream, ssize_t bytes, const uv_buf_t* read) {
  (void)stream, (void)bytes, (void)read;
}
static void close_each(uv_handle_t* handle, void* unused) {
  (void)unused;
  if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

enum { many = 100 };

/* A loop's own table was made before the first arena was entered: it grows while one is, and
 * is still there when that has ended. */
static int loop(void) {
  if (uv_replace_allocator(hook_malloc, hook_realloc, hook_calloc, hook_free) != 0) return 10;
  uv_loop_t loop;
  uv_pipe_t others[many];
  uv_os_fd_t ends[2];
  if (uv_loop_init(&loop) != 0) return 11;

  const connarena_t arena = connarena_create(NULL);
  const connarena_t outer = connarena_enter(arena);
  for (int i = 0; i < many; ++i) {
    if (uv_pipe(ends, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE) != 0) return 12;
    uv_pipe_init(&loop, &others[i], 0);
    if (uv_pipe_open(&others[i], ends[0]) != 0) return 13;
    if (uv_read_start((uv_stream_t*)&others[i], no_room, ignore) != 0) return 14;
  }
  connarena_leave(outer);
  if (connarena_destroy(arena) != 0) return 15;

  uv_walk(&loop, close_each, NULL);
  if (uv_run(&loop, UV_RUN_DEFAULT) != 0) return 16;
  return uv_loop_close(&loop) == 0 ? 0 : 17;
}

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  return strcmp(argv[1], "cjson") == 0 ? parse() : loop();
}
