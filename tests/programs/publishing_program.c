/* publishing_program CASE - a program that is linked to libconnarena and shows its arenas.
 * It says "ready" and stays until it is ended.
 *
 * Exit codes: 1 what the case needs was refused, 21 no such case. */
#include <connarena/connarena.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static void expect(int is_so) {
  if (!is_so) exit(1);
}

static connarena_t open_arena(const char* name, size_t bytes) {
  const connarena_options options = {.limit_bytes = bytes == 300000 ? 1 << 20 : 0, .name = name};
  const connarena_t arena = connarena_create(&options);
  void* const block = connarena_malloc(arena, bytes);
  expect(block != NULL);
  memset(block, 1, bytes);
  return arena;
}

static void say(const char* words) {
  puts(words);
  fflush(stdout);
}

static int stay(void) {
  while (poll(NULL, 0, -1) <= 0) {
  }
  return 0;
}

static void open_some(void) {
  open_arena("chat", 100000);
  open_arena("upload", 300000);
  open_arena("chat", 200000);
}

static int publish_once(void) {
  open_some();
  expect(connarena_publish() == 0);
  say("ready");
  return stay();
}

/* What comes after the first call is shown by connarena_idle. */
static int be_idle(void) {
  expect(connarena_publish() == 0);
  const connarena_t first = open_arena("first", 100000);
  open_some();
  connarena_close(first);
  say("ready");
  int wait_ms = 0;
  while (poll(NULL, 0, wait_ms) <= 0) wait_ms = connarena_idle();
  return 0;
}

static int never(void) {
  open_some();
  say("ready");
  return stay();
}

static int fork_then_publish(void) {
  open_some();
  expect(connarena_publish() == 0);
  const pid_t child = fork();
  if (child != 0) return stay();
  expect(connarena_idle() >= -1);
  open_arena("of-the-child", 400000);
  expect(connarena_publish() == 0);
  printf("child %d\n", (int)getpid());
  fflush(stdout);
  return stay();
}

/* Under the preload library there are both. */
static int beside_connections(void) {
  int ends[2];
  expect(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  open_some();
  expect(connarena_publish() == 0);
  say("ready");
  return stay();
}

static void* publish_on_thread(void* unused) {
  expect(connarena_publish() == 0);
  return unused;
}

/* Rows are given up while others begin to use them. */
static int beside_mlockall(void) {
  pthread_t other;
  for (int i = 0; i < 20000; ++i) expect(connarena_create(NULL) != 0);
  expect(pthread_create(&other, NULL, publish_on_thread, NULL) == 0);
  /* Whether it may is no matter. */
  for (int i = 0; i < 20; ++i) mlockall(MCL_CURRENT | MCL_ONFAULT);
  expect(pthread_join(other, NULL) == 0);
  expect(connarena_publish() == 0);
  return 0;
}

static void* open_and_close(void* unused) {
  for (int i = 0; i < 5000; ++i) {
    int ends[2];
    expect(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    expect(write(ends[0], "x", 1) == 1);
    close(ends[0]);
    close(ends[1]);
  }
  return unused;
}

/* Connections come and go while two threads ask for figures that nobody wanted before. */
static int beside_others(void) {
  pthread_t threads[4];
  for (int i = 0; i < 2; ++i) expect(pthread_create(&threads[i], NULL, open_and_close, NULL) == 0);
  for (int i = 2; i < 4; ++i) {
    expect(pthread_create(&threads[i], NULL, publish_on_thread, NULL) == 0);
  }
  for (int i = 0; i < 4; ++i) expect(pthread_join(threads[i], NULL) == 0);
  say("ready");
  return stay();
}

int main(int count, char** words) {
  static const struct {
    const char* name;
    int (*run)(void);
  } cases[] = {{"once", publish_once},
               {"idle", be_idle},
               {"never", never},
               {"child", fork_then_publish},
               {"beside-mlockall", beside_mlockall},
               {"beside-others", beside_others},
               {"beside-connections", beside_connections}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    if (count == 2 && strcmp(words[1], cases[i].name) == 0) return cases[i].run();
  }
  return 21;
}
