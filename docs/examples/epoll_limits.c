/* epoll_limits.c - an event loop in C with an arena, and a limit, for each client.
 *
 *   epoll_limits PORT
 *
 * Keeps notes: each line that a client sends is kept for as long as it is connected, and
 * answered "kept"; the line "?" sends all of them back. A client that keeps too much is told
 * so, and disconnected; what the others have is not touched.
 */
#include <connarena/connarena.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "listen.h"

/* Pages and metadata, not requested bytes: what the machine has to have for one client. */
enum { most_bytes_of_a_client = 1 << 20 };

struct note {
  struct note* next;
  size_t length;
  char text[];
};

/* Lies in its own arena, with all that hangs on it. */
struct client {
  connarena_t arena;
  int socket;
  struct note* first;
  struct note** last;
  size_t received;
  char line[4096];
};

static void open_client(int loop, int socket) {
  const connarena_options options = {.limit_bytes = most_bytes_of_a_client, .name = "notes"};
  const connarena_t arena = connarena_create(&options);
  struct client* client = connarena_malloc(arena, sizeof *client);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
  if (client == NULL || epoll_ctl(loop, EPOLL_CTL_ADD, socket, &event) != 0) {
    connarena_destroy(arena);
    close(socket);
    return;
  }
  client->arena = arena;
  client->socket = socket;
  client->first = NULL;
  client->last = &client->first;
  client->received = 0;
}

/* The client and its notes, however many, in one call: nobody walks the list. */
static void end_client(struct client* client) {
  close(client->socket);
  connarena_destroy(client->arena);
}

/* A client that does not read what it asked for is not waited for. */
static bool send_text(struct client* client, const char* text, size_t length) {
  return send(client->socket, text, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

static bool send_notes(struct client* client) {
  for (const struct note* each = client->first; each != NULL; each = each->next) {
    if (!send_text(client, each->text, each->length)) return false;
  }
  return send_text(client, ".\n", 2);
}

static bool keep(struct client* client, const char* text, size_t length) {
  struct note* note = connarena_malloc(client->arena, sizeof *note + length);
  if (note == NULL) {
    /* EDQUOT: this client is at its limit. ENOMEM: the machine has no more for anybody. */
    send_text(client, errno == EDQUOT ? "full\n" : "oops\n", 5);
    return false;
  }
  note->next = NULL;
  note->length = length;
  memcpy(note->text, text, length);
  *client->last = note;
  client->last = &note->next;
  return send_text(client, "kept\n", 5);
}

static bool take_lines(struct client* client) {
  char* start = client->line;
  char* const end = client->line + client->received;
  for (char* stop; (stop = memchr(start, '\n', (size_t)(end - start))) != NULL; start = stop + 1) {
    const size_t length = (size_t)(stop + 1 - start);
    const bool is_question = length == 2 && *start == '?';
    if (!(is_question ? send_notes(client) : keep(client, start, length))) return false;
  }
  client->received = (size_t)(end - start);
  memmove(client->line, start, client->received);
  return client->received < sizeof client->line;
}

static bool receive(struct client* client) {
  char* const free_part = client->line + client->received;
  const size_t room = sizeof client->line - client->received;
  const ssize_t bytes = recv(client->socket, free_part, room, MSG_DONTWAIT);
  if (bytes < 0) return errno == EAGAIN || errno == EINTR;
  client->received += (size_t)bytes;
  return bytes > 0 && take_lines(client);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int listener = listen_on(argv[1]);
  const int loop = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event);
  while (true) {
    /* A program with one thread says when it is about to wait: what it does not want any
     * more goes back to the system, now or when the call says. */
    if (epoll_wait(loop, &event, 1, connarena_idle()) != 1) continue;
    struct client* const client = event.data.ptr;
    if (client == NULL) {
      const int socket = accept(listener, NULL, NULL);
      if (socket >= 0) open_client(loop, socket);
    } else if (!receive(client)) {
      end_client(client);
    }
  }
}
