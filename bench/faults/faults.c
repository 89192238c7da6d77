/* faults CASE - commits one fault against the heap, and looks whether the heap
 * noticed, was harmed or shows what was another's. Uses malloc and free, whoever provides them;
 * compiled with USE_ARENA, an arena of connarena's C API instead.
 *
 * Exit codes: 0 the heap went on unharmed, 1 it went on and a block was overwritten or
 * is handed out twice, 2 a new block holds what a freed one held, 20 no such case. A signal: it was
 * noticed (SIGABRT), or it crashed. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { small = 64, large = 100000, harmed = 1, readable = 2, no_such_case = 20, probes = 64 };

#ifdef USE_ARENA
#include <connarena/connarena.h>
static connarena_t arena;
static void* take(size_t bytes) { return connarena_malloc(arena, bytes); }
static void give(void* block) { connarena_free(block); }
static size_t room(void* block) { return connarena_usable_size(block); }
static void open_heap(void) { arena = connarena_create(NULL); }
static void close_heap(void) { connarena_close(arena); }
#else
#include <malloc.h>
static void* take(size_t bytes) { return malloc(bytes); }
static void give(void* block) { free(block); }
static size_t room(void* block) { return malloc_usable_size(block); }
static void open_heap(void) {}
static void close_heap(void) {}
#endif

/* Takes many blocks of a size: no two may overlap. */
static int look_for_harm(size_t bytes) {
  char* blocks[probes];
  for (int i = 0; i < probes; ++i) {
    blocks[i] = take(bytes);
    if (blocks[i] == NULL) return harmed;
    memset(blocks[i], i, bytes);
  }
  for (int i = 0; i < probes; ++i) {
    for (size_t at = 0; at < bytes; ++at) {
      if (blocks[i][at] != (char)i) return harmed;
    }
  }
  return 0;
}

static int double_free(size_t bytes) {
  char* block = take(bytes);
  give(block);
  give(block);
  return look_for_harm(bytes);
}
static int double_free_small(void) { return double_free(small); }
static int double_free_large(void) { return double_free(large); }

static int double_free_with_others_between(void) {
  char* first = take(small);
  char* others[20];
  for (int i = 0; i < 20; ++i) others[i] = take(small);
  give(first);
  for (int i = 0; i < 20; ++i) give(others[i]);
  give(first);
  return look_for_harm(small);
}

static void* give_in_thread(void* block) {
  give(block);
  return NULL;
}

static int double_free_by_another_thread(void) {
  char* block = take(small);
  give(block);
  pthread_t thread;
  if (pthread_create(&thread, NULL, give_in_thread, block) != 0) return no_such_case;
  pthread_join(thread, NULL);
  return look_for_harm(small);
}

static int free_of_the_middle(void) {
  char* block = take(1024);
  memset(block, 0x41, 1024);
  give(block + 256);
  return look_for_harm(1024);
}

static int free_of_the_stack(void) {
  _Alignas(16) char place[256];
  memset(place, 0x41, sizeof place);
  char* volatile middle = place + 64;
  give(middle);
  return look_for_harm(small);
}

static int write_after_free(void) {
  char* block = take(small);
  char* other = take(small);
  give(other);
  give(block);
  memset(block, 0x41, 16);
  return look_for_harm(small);
}

/* A word past the block's end, where many heaps keep the next one's header. */
static int overflow_by_a_word(void) {
  char* blocks[probes];
  for (int i = 0; i < probes; ++i) blocks[i] = take(small);
  memset(blocks[7] + room(blocks[7]), 0x41, sizeof(uintptr_t));
  for (int i = 0; i < probes; ++i) give(blocks[i]);
  return look_for_harm(small);
}

/* Out of one of several large blocks, by two pages. */
static int overflow_by_pages(void) {
  enum { blocks = 8, bytes = 300000 };
  char* all[blocks];
  for (int i = 0; i < blocks; ++i) {
    all[i] = take(bytes);
    memset(all[i], i, bytes);
  }
  memset(all[blocks / 2] + room(all[blocks / 2]), 0x41, 8192);
  for (int i = 0; i < blocks; ++i) {
    for (int at = 0; at < bytes; ++at) {
      if (all[i][at] != (char)i) return harmed;
    }
  }
  for (int i = 0; i < blocks; ++i) give(all[i]);
  return 0;
}

/* What one connection wrote and freed, and the next one reads in a block of that size
 * which it has not written. A free list may use the first words. */
static int read_of_old_bytes(size_t bytes) {
  char* blocks[probes];
  for (int i = 0; i < probes; ++i) {
    blocks[i] = take(bytes);
    memset(blocks[i], 0x41, bytes);
  }
  for (int i = 0; i < probes; ++i) give(blocks[i]);
  close_heap();
  open_heap();
  for (int i = 0; i < probes; ++i) {
    const volatile char* block = take(bytes);
    for (size_t at = 16; at < bytes; ++at) {
      if (block[at] == 0x41) return readable;
    }
  }
  return 0;
}
static int read_of_old_bytes_small(void) { return read_of_old_bytes(small); }
static int read_of_old_bytes_large(void) { return read_of_old_bytes(large); }

static const struct {
  const char* name;
  int (*commit)(void);
} cases[] = {
    {"double free, 64 B", double_free_small},
    {"double free, 100 KB", double_free_large},
    {"double free, others freed between", double_free_with_others_between},
    {"double free by another thread", double_free_by_another_thread},
    {"free of the middle of a block", free_of_the_middle},
    {"free of an address on the stack", free_of_the_stack},
    {"write of 16 B after free", write_after_free},
    {"overflow by a word, then frees", overflow_by_a_word},
    {"overflow of 300 KB by two pages", overflow_by_pages},
    {"read of another's freed bytes, 64 B", read_of_old_bytes_small},
    {"read of another's freed bytes, 100 KB", read_of_old_bytes_large},
};

int main(int count, char** arguments) {
  const struct rlimit no_core_file = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core_file);
  open_heap();
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    if (count < 2) puts(cases[i].name);
    if (count == 2 && strcmp(arguments[1], cases[i].name) == 0) return cases[i].commit();
  }
  return count < 2 ? 0 : no_such_case;
}
