/* trim_on_request.c - calls malloc_trim(0) inside a program when a file appears.
 *
 * Preloaded by the demo's extra glibc trial. A thread of its own looks for the
 * file that CONNARENA_DEMO_TRIM names, trims, and removes the file as its answer;
 * it allocates nothing, so it adds no arena. */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A copy: redis-server moves its environment to write its title there. */
static char request[4096];

static void* wait_and_trim(void* unused) {
  (void)unused;
  const struct timespec period = {0, 20 * 1000 * 1000};
  for (;;) {
    nanosleep(&period, NULL);
    if (access(request, F_OK) != 0) continue;
    malloc_trim(0);
    unlink(request);
  }
  return NULL;
}

__attribute__((constructor)) static void start_waiting(void) {
  const char* name = getenv("CONNARENA_DEMO_TRIM");
  if (name == NULL) return;
  snprintf(request, sizeof request, "%s", name);
  pthread_t thread;
  if (pthread_create(&thread, NULL, wait_and_trim, NULL) == 0) {
    pthread_detach(thread);
  }
}
