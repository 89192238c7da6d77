// client.c PORT CONNECTIONS BYTES BURSTS GAP_MS - asks on all connections, then takes all
// replies and checks them, burst after burst.
//
// Says "warm" after two bursts, waits for a line, says how many seconds all of the bursts
// took less their gaps, waits for another line, and closes all connections.
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

enum { most_connections = 4096 };

static int connections[most_connections];
static int connection_count, gap_ms;
static char* buffer;
static uint32_t reply_bytes;

static void check(int is_well, const char* what) {
  if (is_well) return;
  perror(what);
  exit(1);
}

static void connect_all(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  for (int i = 0; i < connection_count; ++i) {
    connections[i] = socket(AF_INET, SOCK_STREAM, 0);
    check(connect(connections[i], (struct sockaddr*)&address, sizeof address) == 0, "connect");
  }
}

static void take_reply(int fd, char filling) {
  check(recv(fd, buffer, reply_bytes, MSG_WAITALL) == (ssize_t)reply_bytes, "recv");
  check(buffer[0] == filling && memcmp(buffer, buffer + 1, reply_bytes - 1) == 0, "wrong byte");
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/// Seconds from the first request to the last reply.
static double burst(int number) {
  const double begin = now();
  for (int i = 0; i < connection_count; ++i) {
    const struct request asked = {reply_bytes, (uint32_t)(number + i) % 127};
    check(send(connections[i], &asked, sizeof asked, 0) == sizeof asked, "send");
  }
  for (int i = 0; i < connection_count; ++i) take_reply(connections[i], (char)((number + i) % 127));
  const double took = now() - begin;
  if (gap_ms > 0) poll(NULL, 0, gap_ms);
  return took;
}

static void say_and_wait(const char* form, double value) {
  printf(form, value);
  fflush(stdout);
  check(getchar() == '\n', "no line");
}

int main(int count, char** words) {
  if (count != 6) return 64;
  connection_count = atoi(words[2]);
  reply_bytes = (uint32_t)atol(words[3]);
  const int bursts = atoi(words[4]);
  gap_ms = atoi(words[5]);
  buffer = malloc(reply_bytes);
  const struct rlimit descriptors = {most_connections, most_connections};
  setrlimit(RLIMIT_NOFILE, &descriptors);
  if (connection_count > most_connections - 16) return 64;
  connect_all(atoi(words[1]));
  for (int i = 0; i < 2; ++i) burst(i);
  say_and_wait("warm\n", 0);
  double seconds = 0;
  for (int i = 0; i < bursts; ++i) seconds += burst(i);
  say_and_wait("%.6f\n", seconds);
  return 0;
}
