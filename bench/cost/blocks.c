// blocks.c THREADS REPLACEMENTS - each thread has 128 blocks of 16 B to 256 KiB, as many
// of 64 to 128 B as of 128 to 256 KiB, and replaces one of them at random so often. It
// writes to every page of each: a server's buffers, and nothing from outside.
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { live_blocks = 128, sizes = 4096, page_bytes = 4096 };

static const double least_bytes = 16, most_bytes = 262144;
static size_t size_of[sizes];
static long replacements;

static uint64_t next(uint64_t* state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 33;
}

static char* filled(size_t size_bytes) {
  char* block = malloc(size_bytes);
  if (block == NULL) exit(2);
  for (size_t at = 0; at < size_bytes; at += page_bytes) ((volatile char*)block)[at] = 1;
  return block;
}

static void* replace(void* seed) {
  uint64_t state = (uintptr_t)seed;
  char* blocks[live_blocks];
  for (int i = 0; i < live_blocks; ++i) blocks[i] = filled(size_of[next(&state) % sizes]);
  for (long i = 0; i < replacements; ++i) {
    char** place = &blocks[next(&state) % live_blocks];
    free(*place);
    *place = filled(size_of[next(&state) % sizes]);
  }
  for (int i = 0; i < live_blocks; ++i) free(blocks[i]);
  return NULL;
}

int main(int count, char** words) {
  if (count != 3) return 64;
  const int threads = atoi(words[1]);
  replacements = atol(words[2]);
  for (int i = 0; i < sizes; ++i) {
    size_of[i] = (size_t)(least_bytes * pow(most_bytes / least_bytes, (i + 0.5) / sizes));
  }
  pthread_t running[64];
  if (threads < 1 || threads > 64) return 64;
  for (int i = 0; i < threads; ++i) {
    if (pthread_create(&running[i], NULL, replace, (void*)(uintptr_t)(i + 1)) != 0) return 1;
  }
  for (int i = 0; i < threads; ++i) pthread_join(running[i], NULL);
  return 0;
}
