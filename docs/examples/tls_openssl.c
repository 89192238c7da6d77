/* tls_openssl.c - TLS whose state lies in an arena for each connection.
 *
 *   tls_openssl PORT CERTIFICATE KEY
 *
 * Answers each HTTPS request with what its connection holds, which is mostly OpenSSL's.
 * OpenSSL has one set of memory functions for the process: ours take from the arena that the
 * thread has entered, and else from the arena for what belongs to no connection.
 */
#define _GNU_SOURCE /* accept4 */
#include <connarena/connarena.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "listen.h"

static connarena_t whose(void) {
  const connarena_t entered = connarena_current();
  return entered != 0 ? entered : connarena_process_arena();
}
static void* tls_malloc(size_t size, const char* file, int line) {
  (void)file, (void)line;
  return connarena_malloc(whose(), size);
}
/* A block stays with the arena that it came from, whoever lets it grow or frees it. */
static void* tls_realloc(void* block, size_t size, const char* file, int line) {
  (void)file, (void)line;
  return connarena_realloc(whose(), block, size);
}
static void tls_free(void* block, const char* file, int line) {
  (void)file, (void)line;
  connarena_free(block);
}

static SSL_CTX* make_context(const char* certificate, const char* key) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  if (context == NULL || SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
    fprintf(stderr, "no certificate, or no key\n");
    exit(1);
  }
  /* A cached session outlives its connection, and would stay in the connection's arena. */
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return context;
}

/* Lies in its own arena. */
struct client {
  connarena_t arena;
  int socket;
  SSL* tls;
  int request_length;
  int reply_length;
  char request[4096];
  char reply[200];
};

/* Drains instead of destroying: should OpenSSL keep a block for later, it stays valid. */
static void end_client(struct client* client) {
  const connarena_t arena = client->arena;
  SSL_free(client->tls);
  close(client->socket);
  connarena_free(client);
  connarena_close(arena);
}

static void open_client(SSL_CTX* context, int loop, int socket) {
  const connarena_options options = {.limit_bytes = 4 << 20, .name = "tls"};
  const connarena_t arena = connarena_create(&options);
  struct client* const client = connarena_calloc(arena, 1, sizeof *client);
  if (client == NULL) {
    connarena_destroy(arena);
    close(socket);
    return;
  }
  client->arena = arena;
  client->socket = socket;
  const connarena_t outer = connarena_enter(arena);
  client->tls = SSL_new(context);
  const bool is_ready = client->tls != NULL && SSL_set_fd(client->tls, socket) == 1;
  connarena_leave(outer);
  if (is_ready) SSL_set_accept_state(client->tls);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = client};
  if (!is_ready || epoll_ctl(loop, EPOLL_CTL_ADD, socket, &event) != 0) end_client(client);
}

static void write_reply(struct client* client) {
  connarena_stats held;
  connarena_get_stats(client->arena, &held);
  client->reply_length = snprintf(client->reply, sizeof client->reply,
                                  "HTTP/1.0 200 OK\r\n\r\nthis connection holds %zu KiB\n",
                                  held.footprint_bytes / 1024);
}

static bool waits(const struct client* client, int result) {
  const int why = SSL_get_error(client->tls, result);
  return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

/* As far as it gets without waiting; false at the end. */
static bool go_on(struct client* client) {
  ERR_clear_error(); /* the thread's, which may hold what another connection left */
  while (client->reply_length == 0) {
    char* const rest = client->request + client->request_length;
    const int room = (int)sizeof client->request - 1 - client->request_length;
    if (room == 0) return false;
    const int bytes = SSL_read(client->tls, rest, room);
    if (bytes <= 0) return waits(client, bytes);
    client->request_length += bytes; /* the byte behind it is 0 */
    if (strstr(client->request, "\r\n\r\n") != NULL) write_reply(client);
  }
  const int sent = SSL_write(client->tls, client->reply, client->reply_length);
  if (sent <= 0) return waits(client, sent);
  SSL_shutdown(client->tls);
  return false;
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  /* Before anything else of OpenSSL: it refuses once it has allocated. */
  if (CRYPTO_set_mem_functions(tls_malloc, tls_realloc, tls_free) != 1) return 1;
  signal(SIGPIPE, SIG_IGN);
  SSL_CTX* const context = make_context(argv[2], argv[3]);
  const int listener = listen_on(argv[1]);
  const int loop = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event);
  while (true) {
    if (epoll_wait(loop, &event, 1, connarena_idle()) != 1) continue;
    struct client* const client = event.data.ptr;
    if (client == NULL) {
      const int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (socket >= 0) open_client(context, loop, socket);
      continue;
    }
    /* Around each turn of the connection: what OpenSSL allocates meanwhile is its. */
    const connarena_t outer = connarena_enter(client->arena);
    const bool stays = go_on(client);
    connarena_leave(outer);
    if (!stays) end_client(client);
  }
}
