// family_program CASE ARGUMENT - a process and its relatives, for the report: each pair
// of sockets that one opens and closes counts as two connections.
//
// Exit codes: 0 as it should be, 1 to 9 what the case says, 21 no such case.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "programs/named_case.hpp"

namespace {

const char* argument = "";

constexpr std::size_t buffer_bytes = 100000;

/// A connection that has a buffer of its own.
bool use_pair(std::size_t bytes = buffer_bytes) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return false;
  auto* const buffer = static_cast<char*>(malloc(bytes));
  std::memset(buffer, 1, bytes);
  const bool is_sent = write(ends[0], buffer, 10) == 10 && read(ends[1], buffer, bytes) == 10;
  free(buffer);
  close(ends[0]);
  close(ends[1]);
  return is_sent;
}

bool use_pairs(int count) {
  for (int i = 0; i < count; ++i) {
    if (!use_pair()) return false;
  }
  return true;
}

template <typename Body>
pid_t in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) exit(body());
  return child;
}

bool ends_well(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && status == 0;
}

int pairs() { return use_pairs(std::atoi(argument)) ? 0 : 1; }

/// Two workers, as of a server that forks before it accepts.
int workers() {
  const auto work = [] { return use_pairs(10) ? 0 : 1; };
  const pid_t first = in_child(work);
  const pid_t second = in_child(work);
  return ends_well(first) && ends_well(second) ? 0 : 1;
}

/// A server that forks for each connection: both close it.
int serves_in_child() {
  for (int i = 0; i < 10; ++i) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 1;
    const pid_t child =
        in_child([&] { return write(ends[0], "hello", 5) == 5 && close(ends[0]) == 0 ? 0 : 1; });
    if (!ends_well(child)) return 2;
    close(ends[0]);
    close(ends[1]);
  }
  return 0;
}

/// Many, one after the other.
int generations() {
  for (int i = 0; i < std::atoi(argument); ++i) {
    if (!ends_well(in_child([] { return use_pairs(1) ? 0 : 1; }))) return 1;
  }
  return 0;
}

/// A server that shows its state where its environment was, and its worker.
int overwrites_environment() {
  for (char** each = environ; *each != nullptr; ++each) std::memset(*each, 'x', std::strlen(*each));
  if (!use_pairs(1)) return 1;
  return ends_well(in_child([] { return use_pairs(2) ? 0 : 1; })) ? 0 : 2;
}

/// Ends through vfork and _exit in a child that has closed its parent's connection.
int vforks() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 1;
  const pid_t child = vfork();
  if (child == 0) {
    close(ends[0]);
    _exit(0);
  }
  return ends_well(child) ? 0 : 2;
}

/// For each byte of a pipe a pair of connections, until 'q' or the pipe's end.
int serves_pipe() {
  const int pipe_end = open(argument, O_RDWR | O_CLOEXEC);
  if (pipe_end < 0) return 1;
  pollfd watched{pipe_end, POLLIN, 0};
  for (char order = 0; poll(&watched, 1, -1) == 1 && read(pipe_end, &order, 1) == 1;) {
    if (order == 'q') return 0;
    if (order == 'k') abort();
    if (!use_pair(order == 'l' ? std::size_t{16} << 20 : buffer_bytes)) return 2;
  }
  return 3;
}

/// The same by a daemon, whose parent ends at once.
int daemon_serves_pipe() {
  if (daemon(1, 0) != 0) return 1;
  return serves_pipe();
}

/// Arenas of the program's own, which say what they are for; two of three end.
int names_arenas() {
  if (connarena_create == nullptr) return 1;
  connarena_options options{};
  options.name = "session \x1b[31m";
  for (int i = 0; i < 3; ++i) {
    const connarena_t arena = connarena_create(&options);
    void* const block = connarena_malloc(arena, std::size_t{3} << 20);
    if (block == nullptr) return 2;
    if (i == 0) connarena_close(arena);
    if (i == 1) connarena_destroy(arena);
  }
  return 0;
}

constexpr programs::named_case cases[] = {
    {"names_arenas", names_arenas},
    {"pairs", pairs},
    {"workers", workers},
    {"serves_in_child", serves_in_child},
    {"generations", generations},
    {"overwrites_environment", overwrites_environment},
    {"vforks", vforks},
    {"serves_pipe", serves_pipe},
    {"daemon_serves_pipe", daemon_serves_pipe},
};

}  // namespace

int main(int count, char** words) {
  if (count > 2) argument = words[2];
  return programs::run_named(cases, count < 2 ? count : 2, words);
}
