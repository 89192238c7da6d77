/* http2_nghttp2.c - an HTTP/2 server on nghttp2 with an arena for each session.
 *
 *   http2_nghttp2 PORT
 *
 * Answers each request with what its session holds. nghttp2 takes the memory functions of a
 * session as that begins: header tables, streams and queues all lie in the session's arena. A
 * peer that makes them grow comes to its own limit, and nobody else notices.
 */
#include <connarena/connarena.h>
#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "listen.h"

/* Lies in its own arena, with the session. */
struct client {
  connarena_t arena;
  int socket;
  nghttp2_session* session;
};

static void* session_malloc(size_t size, void* client) {
  return connarena_malloc(((struct client*)client)->arena, size);
}
static void* session_calloc(size_t count, size_t size, void* client) {
  return connarena_calloc(((struct client*)client)->arena, count, size);
}
static void* session_realloc(void* block, size_t size, void* client) {
  return connarena_realloc(((struct client*)client)->arena, block, size);
}
static void session_free(void* block, void* client) {
  (void)client;
  connarena_free(block);
}

static ssize_t failure(void) {
  return errno == EAGAIN ? NGHTTP2_ERR_WOULDBLOCK : NGHTTP2_ERR_CALLBACK_FAILURE;
}
static ssize_t receive(nghttp2_session* session, uint8_t* to, size_t most, int flags, void* user) {
  (void)session, (void)flags;
  const ssize_t bytes = recv(((struct client*)user)->socket, to, most, MSG_DONTWAIT);
  return bytes > 0 ? bytes : bytes == 0 ? NGHTTP2_ERR_EOF : failure();
}
static ssize_t send_some(nghttp2_session* session, const uint8_t* from, size_t length, int flags,
                         void* user) {
  (void)session, (void)flags;
  const int socket = ((struct client*)user)->socket;
  const ssize_t bytes = send(socket, from, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  return bytes >= 0 ? bytes : failure();
}

/* A reply is shorter than any frame: it is read once. */
static ssize_t read_reply(nghttp2_session* session, int32_t stream, uint8_t* to, size_t room,
                          uint32_t* flags, nghttp2_data_source* source, void* user) {
  (void)session, (void)stream, (void)user;
  const size_t length = strnlen(source->ptr, room);
  memcpy(to, source->ptr, length);
  *flags |= NGHTTP2_DATA_FLAG_EOF;
  return (ssize_t)length;
}

static int answer(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
  const struct client* const client = user;
  const int32_t stream = frame->hd.stream_id;
  if (stream == 0 || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
  char* const reply = connarena_malloc(client->arena, 100);
  if (reply == NULL) return NGHTTP2_ERR_CALLBACK_FAILURE;
  connarena_stats held;
  connarena_get_stats(client->arena, &held);
  snprintf(reply, 100, "stream %d of a session that holds %zu KiB\n", stream,
           held.footprint_bytes / 1024);
  const nghttp2_nv ok = {(uint8_t*)":status", (uint8_t*)"200", 7, 3, NGHTTP2_NV_FLAG_NONE};
  const nghttp2_data_provider body = {{.ptr = reply}, read_reply};
  nghttp2_session_set_stream_user_data(session, stream, reply);
  return nghttp2_submit_response(session, stream, &ok, 1, &body);
}

/* A session may last for days, and have millions of streams. */
static int forget(nghttp2_session* session, int32_t stream, uint32_t why, void* user) {
  (void)why, (void)user;
  connarena_free(nghttp2_session_get_stream_user_data(session, stream));
  return 0;
}

static void open_client(const nghttp2_session_callbacks* calls, int loop, int socket) {
  const connarena_options options = {.limit_bytes = 4 << 20, .name = "http2"};
  const connarena_t arena = connarena_create(&options);
  struct client* const client = connarena_malloc(arena, sizeof *client);
  nghttp2_mem memory = {client, session_malloc, session_free, session_calloc, session_realloc};
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = client};
  if (client != NULL) *client = (struct client){.arena = arena, .socket = socket};
  if (client == NULL ||
      nghttp2_session_server_new3(&client->session, calls, client, NULL, &memory) != 0 ||
      nghttp2_submit_settings(client->session, NGHTTP2_FLAG_NONE, NULL, 0) != 0 ||
      epoll_ctl(loop, EPOLL_CTL_ADD, socket, &event) != 0) {
    connarena_destroy(arena);
    close(socket);
  }
}

/* A session is its memory and nothing else: nghttp2_session_del would only walk through it. */
static void end_client(struct client* client) {
  close(client->socket);
  connarena_destroy(client->arena);
}

static bool go_on(nghttp2_session* session) {
  return nghttp2_session_recv(session) == 0 && nghttp2_session_send(session) == 0 &&
         (nghttp2_session_want_read(session) || nghttp2_session_want_write(session));
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  nghttp2_session_callbacks* calls;
  nghttp2_session_callbacks_new(&calls);
  nghttp2_session_callbacks_set_recv_callback(calls, receive);
  nghttp2_session_callbacks_set_send_callback(calls, send_some);
  nghttp2_session_callbacks_set_on_frame_recv_callback(calls, answer);
  nghttp2_session_callbacks_set_on_stream_close_callback(calls, forget);
  const int listener = listen_on(argv[1]);
  const int loop = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event);
  while (true) {
    if (epoll_wait(loop, &event, 1, connarena_idle()) != 1) continue;
    struct client* const client = event.data.ptr;
    if (client == NULL) {
      const int socket = accept(listener, NULL, NULL);
      if (socket >= 0) open_client(calls, loop, socket);
    } else if (!go_on(client->session)) {
      end_client(client);
    }
  }
}
