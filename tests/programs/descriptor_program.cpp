// descriptor_program CASE - whose arena a descriptor names, whatever the program does to
// its descriptors. Runs under the preload library and finds the C API through weak
// symbols.
//
// Exit codes: 0 as it should be, 1 to 9 what the case says, 19 the system refused
// something, 20 not preloaded, 21 no such case.
#define CONNARENA_WEAK
#include <arpa/inet.h>
#include <connarena/connarena.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "programs/bare_call.hpp"
#include "programs/named_case.hpp"
#include "programs/pair_of_ends.hpp"

namespace {

constexpr std::size_t buffer_bytes = 20000;

using programs::connect_pair;
using programs::expect;
using programs::pair_of_ends;
using programs::refused;

/// The arena of a connection, with a block of it that is freed when asked.
struct served {
  connarena_t arena;
  void* block;
};
served serve(int fd) {
  expect(write(fd, "x", 1) == 1);
  return {connarena_of_fd(fd), malloc(buffer_bytes)};
}

bool is_open(connarena_t arena) {
  poll(nullptr, 0, 0);  // what has closed ends where its thread waits
  connarena_stats stats{};
  return arena != 0 && connarena_get_stats(arena, &stats) == 0;
}

// Half-closed: the other direction goes on, and so does the connection.

int shutdown_leaves_the_connection_open() {
  for (const int how : {SHUT_RD, SHUT_WR, SHUT_RDWR}) {
    const pair_of_ends ends = connect_pair();
    const served end = serve(ends[0]);
    expect(write(ends[1], "late", 4) == 4);
    expect(shutdown(ends[0], how) == 0);
    if (!is_open(end.arena) || connarena_of_fd(ends[0]) != end.arena) return 1;
    if (how == SHUT_WR) {
      char* const more = static_cast<char*>(malloc(buffer_bytes));
      if (read(ends[0], more, buffer_bytes) != 4 || connarena_of(more) != end.arena) return 2;
      free(more);
    }
    free(end.block);
    close(ends[0]);
    if (is_open(end.arena)) return 3;
    close(ends[1]);
  }
  return 0;
}

// Passed: what comes in a message is a connection of its own here.

void send_descriptor(int over, int fd) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  char byte = 'x';
  iovec bytes{&byte, 1};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  expect(sendmsg(over, &message, 0) == 1);
}

int receive_descriptor(int over) {
  int fd = -1;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  char byte = 0;
  iovec bytes{&byte, 1};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  expect(recvmsg(over, &message, 0) == 1 && CMSG_FIRSTHDR(&message) != nullptr);
  std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

int passed_descriptor_is_a_connection() {
  const pair_of_ends over = connect_pair();
  const pid_t child = fork();
  if (child == 0) {
    const pair_of_ends passed = connect_pair();
    send_descriptor(over[1], passed[0]);
    char byte = 0;
    const bool has_answer = read(passed[1], &byte, 1) == 1;
    _exit(has_answer ? 0 : refused);
  }
  const int fd = receive_descriptor(over[0]);
  const served end = serve(fd);
  if (end.arena == 0 || connarena_of(end.block) != end.arena) return 1;
  if (end.arena == connarena_of_fd(over[0])) return 2;
  int status = -1;
  expect(waitpid(child, &status, 0) == child && status == 0);
  if (!is_open(end.arena)) return 3;
  free(end.block);
  close(fd);
  return is_open(end.arena) ? 4 : 0;
}

int sent_descriptor_is_closed_by_its_sender_alone() {
  const pair_of_ends over = connect_pair();
  const pair_of_ends ends = connect_pair();
  const served end = serve(ends[0]);
  free(end.block);
  send_descriptor(over[0], ends[0]);
  close(ends[0]);
  if (is_open(end.arena)) return 1;
  const int fd = receive_descriptor(over[1]);
  const connarena_t arena = connarena_of_fd(fd);
  return arena != 0 && arena != end.arena ? 0 : 2;
}

// Closed behind our back: by a call that is not the C library's.

/// `reuse()` gets the lowest number that is free.
template <typename Reuse>
int ends_when_its_number_is_reused(Reuse reuse) {
  const pair_of_ends ends = connect_pair();
  const served end = serve(ends[0]);
  free(end.block);
  expect(programs::close_unseen(ends[0]) == 0);
  if (!is_open(end.arena)) return 1;
  if (reuse() != ends[0]) return refused;
  if (is_open(end.arena)) return 2;
  return connarena_of_fd(ends[0]) == end.arena ? 3 : 0;
}

sockaddr_in loopback_address(in_port_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = port;
  return address;
}

struct listener {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback_address(0);
  listener() {
    socklen_t size = sizeof address;
    expect(bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(fd, 16) == 0);
    expect(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  }
  [[nodiscard]] const sockaddr* name() const { return reinterpret_cast<const sockaddr*>(&address); }
};

int reused_by_socketpair_ends() {
  return ends_when_its_number_is_reused([] { return connect_pair()[0]; });
}
int reused_by_socket_ends() {
  return ends_when_its_number_is_reused([] { return socket(AF_INET, SOCK_STREAM, 0); });
}
int reused_by_accept_ends() {
  const listener here;
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  expect(connect(client, here.name(), sizeof here.address) == 0);
  return ends_when_its_number_is_reused([&] { return accept(here.fd, nullptr, nullptr); });
}
int reused_by_dup_ends() {
  const pair_of_ends other = connect_pair();
  const served end = serve(other[0]);
  const int result = ends_when_its_number_is_reused([&] { return dup(other[0]); });
  if (result != 0) return result;
  close(other[0]);
  return is_open(end.arena) ? 0 : 4;
}
int reused_by_a_file_ends() {
  return ends_when_its_number_is_reused([] { return open("/dev/null", O_RDONLY | O_CLOEXEC); });
}
int closed_unseen_ends_at_the_next_call_on_it() {
  const pair_of_ends ends = connect_pair();
  const served end = serve(ends[0]);
  free(end.block);
  expect(programs::close_unseen(ends[0]) == 0);
  char byte = 0;
  if (read(ends[0], &byte, 1) != -1 || errno != EBADF) return 1;
  return is_open(end.arena) ? 2 : 0;
}

// Ranges and streams.

template <typename CloseAll>
int all_end(CloseAll close_all) {
  std::array<pair_of_ends, 50> pairs{};
  std::array<connarena_t, 50> arenas{};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = connect_pair();
    const served end = serve(pairs[i][0]);
    free(end.block);
    arenas[i] = end.arena;
  }
  close_all(pairs.front()[0], pairs.back()[1]);
  for (const connarena_t arena : arenas) {
    if (is_open(arena)) return 1;
  }
  return connarena_of_fd(pairs[7][1]) == 0 ? 0 : 2;
}

int close_range_ends_all() {
  return all_end([](int first, int last) {
    expect(close_range(static_cast<unsigned>(first), static_cast<unsigned>(last), 0) == 0);
  });
}
int closefrom_ends_all() {
  return all_end([](int first, int) { closefrom(first); });
}

int stream_over_a_copy_is_a_descriptor_of_its_own() {
  const pair_of_ends ends = connect_pair();
  const served end = serve(ends[0]);
  free(end.block);
  FILE* const input = fdopen(ends[0], "r");
  FILE* const output = fdopen(dup(ends[0]), "w");
  expect(input != nullptr && output != nullptr);
  fclose(input);
  if (!is_open(end.arena)) return 1;
  fclose(output);
  return is_open(end.arena) ? 2 : 0;
}

int copy_over_another_connection_ends_that_one() {
  const pair_of_ends kept = connect_pair();
  const pair_of_ends lost = connect_pair();
  const served keeps = serve(kept[0]);
  const served loses = serve(lost[0]);
  free(loses.block);
  expect(dup2(kept[0], lost[0]) == lost[0]);
  if (is_open(loses.arena)) return 1;
  close(kept[0]);
  if (!is_open(keeps.arena) || connarena_of_fd(lost[0]) != keeps.arena) return 2;
  expect(dup2(lost[0], lost[0]) == lost[0]);
  if (!is_open(keeps.arena)) return 3;
  free(keeps.block);
  expect(dup2(STDOUT_FILENO, lost[0]) == lost[0]);
  return is_open(keeps.arena) ? 4 : 0;
}

int failed_copy_over_a_connection_leaves_it() {
  const pair_of_ends ends = connect_pair();
  const served end = serve(ends[0]);
  free(end.block);
  expect(dup2(12345, ends[0]) == -1 && dup3(ends[0], ends[0], 0) == -1);
  return is_open(end.arena) && connarena_of_fd(ends[0]) == end.arena ? 0 : 1;
}

// Children.

int wait_for(pid_t child) {
  int status = -1;
  expect(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : refused;
}

/// A server that forks for each connection: either closes what is the other's.
int fork_server_keeps_them_apart() {
  const listener here;
  for (int i = 0; i < 20; ++i) {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    expect(connect(client, here.name(), sizeof here.address) == 0);
    const int accepted = accept(here.fd, nullptr, nullptr);
    const served end = serve(accepted);
    const pid_t child = fork();
    if (child == 0) {
      close(here.fd);
      close(client);
      if (!is_open(end.arena) || connarena_of_fd(accepted) != end.arena) _exit(1);
      static_cast<char*>(end.block)[buffer_bytes - 1] = 'c';
      free(end.block);
      close(accepted);
      _exit(is_open(end.arena) ? 2 : 0);
    }
    const int result = wait_for(child);
    if (result != 0) return result;
    if (!is_open(end.arena) || connarena_of_fd(accepted) != end.arena) return 3;
    static_cast<char*>(end.block)[buffer_bytes - 1] = 'p';
    free(end.block);
    close(accepted);
    if (is_open(end.arena)) return 4;
    close(client);
  }
  return 0;
}

int vfork_child_ends_nothing_of_its_parent() {
  const pair_of_ends ends = connect_pair();
  const pair_of_ends other = connect_pair();
  const served end = serve(ends[0]);
  const served over = serve(other[0]);
  static std::array<char*, 2> words{const_cast<char*>("true"), nullptr};
  const pid_t child = vfork();
  if (child == 0) {
    dup2(other[0], ends[1]);
    close(ends[0]);
    close_range(static_cast<unsigned>(other[0]), static_cast<unsigned>(other[1]), 0);
    execv("/bin/true", words.data());
    _exit(refused);
  }
  if (wait_for(child) != 0) return refused;
  if (!is_open(end.arena) || connarena_of_fd(ends[0]) != end.arena) return 1;
  if (!is_open(over.arena) || connarena_of_fd(other[0]) != over.arena) return 2;
  if (connarena_of_fd(ends[1]) == over.arena) return 3;
  free(end.block);
  close(ends[0]);
  return is_open(end.arena) ? 4 : 0;
}

#define CASE(name) \
  { #name, name }
constexpr programs::named_case cases[] = {
    CASE(shutdown_leaves_the_connection_open),
    CASE(passed_descriptor_is_a_connection),
    CASE(sent_descriptor_is_closed_by_its_sender_alone),
    CASE(reused_by_socketpair_ends),
    CASE(reused_by_socket_ends),
    CASE(reused_by_accept_ends),
    CASE(reused_by_dup_ends),
    CASE(reused_by_a_file_ends),
    CASE(closed_unseen_ends_at_the_next_call_on_it),
    CASE(close_range_ends_all),
    CASE(closefrom_ends_all),
    CASE(stream_over_a_copy_is_a_descriptor_of_its_own),
    CASE(copy_over_another_connection_ends_that_one),
    CASE(failed_copy_over_a_connection_leaves_it),
    CASE(fork_server_keeps_them_apart),
    CASE(vfork_child_ends_nothing_of_its_parent),
};
#undef CASE

}  // namespace

int main(int count, char** words) {
  if (connarena_of_fd == nullptr) return programs::not_preloaded;
  return programs::run_named(cases, count, words);
}
