// server.c SHAPE - answers with blocks of its own, each made and filled for one reply.
//
//   threads  a thread for each connection, which blocks; a block is freed once it is sent
//   loop     one thread and epoll; blocks are freed together, once all of a burst are sent
//
// Says "port N", and serves until it is ended.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

enum { most_connections = 4096, stack_bytes = 256 * 1024 };

static void check(int is_well, const char* what) {
  if (is_well) return;
  perror(what);
  exit(1);
}

static char* make_reply(const struct request* of) {
  char* reply = malloc(of->reply_bytes);
  check(reply != NULL, "malloc");
  return memset(reply, (int)of->filling, of->reply_bytes);
}

static void* serve_connection(void* descriptor) {
  const int fd = (int)(intptr_t)descriptor;
  struct request asked;
  while (recv(fd, &asked, sizeof asked, MSG_WAITALL) == sizeof asked) {
    char* reply = make_reply(&asked);
    size_t sent = 0;
    while (sent < asked.reply_bytes) {
      const ssize_t count = send(fd, reply + sent, asked.reply_bytes - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += (size_t)count;
    }
    free(reply);
  }
  close(fd);
  return NULL;
}

static void serve_by_threads(int listener) {
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&detached, stack_bytes);
  for (;;) {
    const int fd = accept(listener, NULL, NULL);
    check(fd >= 0, "accept");
    pthread_t thread;
    check(pthread_create(&thread, &detached, serve_connection, (void*)(intptr_t)fd) == 0, "thread");
  }
}

// What each connection of the loop has been asked and is being sent, by descriptor.
static struct {
  char* reply;
  size_t bytes, sent;
} sending[most_connections];
static char* sent_replies[most_connections];
static int sent_count, open_count;

/// Once each connection has had its reply, the burst is over.
static void free_sent(void) {
  if (sent_count < open_count) return;
  while (sent_count > 0) free(sent_replies[--sent_count]);
}

static void send_more(int fd) {
  while (sending[fd].sent < sending[fd].bytes) {
    const ssize_t count = send(fd, sending[fd].reply + sending[fd].sent,
                               sending[fd].bytes - sending[fd].sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    check(count > 0, "send");
    sending[fd].sent += (size_t)count;
  }
  sent_replies[sent_count++] = sending[fd].reply;
  sending[fd].reply = NULL;
  free_sent();
}

static void answer(int fd) {
  struct request asked;
  const ssize_t count = recv(fd, &asked, sizeof asked, MSG_DONTWAIT);
  if (count < 0 && errno == EAGAIN) return;
  if (count != sizeof asked) {
    close(fd);
    --open_count;
    free_sent();
    return;
  }
  sending[fd].reply = make_reply(&asked);
  sending[fd].bytes = asked.reply_bytes;
  sending[fd].sent = 0;
  send_more(fd);
}

static void watch(int poller, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  check(epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

static void serve_by_loop(int listener) {
  const int poller = epoll_create1(0);
  watch(poller, listener, EPOLLIN);
  for (;;) {
    struct epoll_event events[64];
    const int count = epoll_wait(poller, events, 64, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        const int accepted = accept(listener, NULL, NULL);
        check(accepted >= 0 && accepted < most_connections, "accept");
        ++open_count;
        watch(poller, accepted, EPOLLIN | EPOLLOUT | EPOLLET);
      } else if (sending[fd].reply != NULL) {
        send_more(fd);
      } else {
        answer(fd);
      }
    }
  }
}

static int listen_on_loopback(void) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  check(bind(listener, (struct sockaddr*)&address, size) == 0, "bind");
  check(listen(listener, most_connections) == 0, "listen");
  check(getsockname(listener, (struct sockaddr*)&address, &size) == 0, "getsockname");
  printf("port %u\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(int count, char** words) {
  if (count != 2) return 64;
  const struct rlimit descriptors = {most_connections, most_connections};
  setrlimit(RLIMIT_NOFILE, &descriptors);
  if (strcmp(words[1], "threads") == 0) serve_by_threads(listen_on_loopback());
  if (strcmp(words[1], "loop") == 0) serve_by_loop(listen_on_loopback());
  return 64;
}
