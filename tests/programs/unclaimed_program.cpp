// unclaimed_program CASE - whose the blocks are that a thread makes before it transfers
// any bytes. Runs under the preload library, with the small blocks of connections.
//
// Exit codes: 0 as it should be, 1 to 9 what the case says, 21 no such case.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <thread>

#include "programs/listener.hpp"
#include "programs/named_case.hpp"

namespace {

constexpr std::size_t run_bytes = 8000;

/// Two connected sockets, of which the second has a byte to read.
struct pair_of_connections {
  pair_of_connections() {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) std::abort();
    const bool sent = send(ends[0], "x", 1, 0) == 1;
    // The thread serves nobody from here on.
    if (!sent || poll(nullptr, 0, 0) != 0) std::abort();
  }
  [[nodiscard]] bool read_one() const {
    char byte;
    return read(ends[1], &byte, 1) == 1;
  }
  [[nodiscard]] bool has_no_more() const {
    char byte;
    return recv(ends[1], &byte, 1, MSG_DONTWAIT) < 0;
  }
  [[nodiscard]] bool reply() const { return write(ends[1], "y", 1) == 1; }
  [[nodiscard]] connarena_t arena() const { return connarena_of_fd(ends[1]); }

  std::array<int, 2> ends{};
};

// A compiler may leave out blocks that nobody uses.
void* (*volatile make)(std::size_t) = std::malloc;

int runs_before_the_first_read_are_the_connections() {
  const pair_of_connections link;
  void* const state = make(run_bytes);
  if (connarena_of(state) != 0) return 1;
  if (!link.read_one()) return 2;
  return link.arena() != 0 && connarena_of(state) == link.arena() ? 0 : 3;
}

int runs_before_a_wait_are_nobodys() {
  const pair_of_connections link;
  void* const state = make(run_bytes);
  if (poll(nullptr, 0, 0) != 0 || !link.read_one()) return 1;
  return connarena_of(state) == 0 ? 0 : 2;
}

int runs_before_a_socketpair_are_nobodys() {
  if (poll(nullptr, 0, 0) != 0) return 1;
  void* const state = make(run_bytes);
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 2;
  if (send(ends[0], "x", 1, 0) != 1) return 3;
  return connarena_of(state) == 0 ? 0 : 4;
}

int runs_before_a_connect_are_nobodys() {
  programs::listener at;
  if (at.fd() < 0) return 1;
  void* const state = make(run_bytes);
  const int link = at.reach();
  if (link < 0 || send(link, "x", 1, 0) != 1) return 3;
  return connarena_of(state) == 0 ? 0 : 4;
}

int many_runs_are_nobodys() {
  const pair_of_connections link;
  std::array<void*, 9> runs{};
  for (void*& each : runs) each = make(run_bytes);
  if (!link.read_one()) return 1;
  for (void* const each : runs) {
    if (connarena_of(each) != 0) return 2;
  }
  return 0;
}

int freed_runs_are_left_to_their_next_owner() {
  const pair_of_connections link;
  void* const state = make(run_bytes);
  const connarena_t other = connarena_create(nullptr);
  std::free(state);
  void* const next = connarena_malloc(other, run_bytes);
  if (next != state) return 1;
  if (!link.read_one()) return 2;
  return connarena_of(next) == other ? 0 : 3;
}

int runs_after_a_reply_are_the_next_readers() {
  const pair_of_connections first;
  const pair_of_connections second;
  if (!first.read_one() || !first.reply()) return 1;
  void* const state = make(run_bytes);
  if (connarena_of(state) != first.arena()) return 2;
  if (!second.read_one()) return 3;
  return second.arena() != 0 && connarena_of(state) == second.arena() ? 0 : 4;
}

int runs_after_a_reply_stay_where_a_wait_follows() {
  const pair_of_connections first;
  const pair_of_connections second;
  if (!first.read_one() || !first.reply()) return 1;
  void* const state = make(run_bytes);
  if (poll(nullptr, 0, 0) != 0 || !second.read_one()) return 2;
  return first.arena() != 0 && connarena_of(state) == first.arena() ? 0 : 3;
}

int runs_after_a_request_stay_its_connections() {
  const pair_of_connections first;
  const pair_of_connections second;
  if (!first.read_one()) return 1;
  void* const parsed = make(run_bytes);
  if (!second.read_one()) return 2;
  return first.arena() != 0 && connarena_of(parsed) == first.arena() ? 0 : 3;
}

/// Programs that read until nothing is left, and then parse.
int runs_after_all_was_read_stay_its_connections() {
  const pair_of_connections first;
  const pair_of_connections second;
  if (!first.read_one() || !first.has_no_more()) return 1;
  void* const parsed = make(run_bytes);
  if (!second.read_one()) return 2;
  return first.arena() != 0 && connarena_of(parsed) == first.arena() ? 0 : 3;
}

/// Programs that parse as they read, until nothing is left.
int runs_after_all_was_read_and_parsed_are_the_next_readers() {
  const pair_of_connections first;
  const pair_of_connections second;
  if (!first.read_one()) return 1;
  void* const parsed = make(run_bytes);
  if (!first.has_no_more()) return 2;
  void* const state = make(run_bytes);
  if (!second.read_one() || second.arena() == 0) return 3;
  if (connarena_of(parsed) != first.arena()) return 4;
  return connarena_of(state) == second.arena() ? 0 : 5;
}

int io_shows_whose_the_runs_made_with_its_buffer_are() {
  const pair_of_connections link;
  void* copy = nullptr;
  void* reply = nullptr;
  std::thread([&] {
    copy = make(run_bytes);
    reply = make(run_bytes);
    poll(nullptr, 0, 0);
  }).join();
  if (connarena_of(copy) != 0 || connarena_of(reply) != 0) return 1;
  if (write(link.ends[1], reply, 100) != 100) return 2;
  if (link.arena() == 0 || connarena_of(reply) != link.arena()) return 3;
  return connarena_of(copy) == link.arena() ? 0 : 4;
}

int woken_by_an_eventfd_works_for_its_waker() {
  const pair_of_connections link;
  const int counter = eventfd(0, EFD_SEMAPHORE);
  void* made = nullptr;
  std::thread worker([&] {
    std::uint64_t one = 0;
    if (read(counter, &one, sizeof one) == sizeof one) made = make(run_bytes);
  });
  const std::uint64_t one = 1;
  if (!link.read_one() || write(counter, &one, sizeof one) != sizeof one) return 1;
  worker.join();
  return link.arena() != 0 && connarena_of(made) == link.arena() ? 0 : 2;
}

int semaphore_that_is_a_lock_hands_nothing_on() {
  const pair_of_connections link;
  sem_t lock;
  if (!link.read_one() || sem_init(&lock, 0, 1) != 0) return 1;
  void* made = nullptr;
  if (sem_wait(&lock) != 0 || sem_post(&lock) != 0) return 2;
  std::thread([&] {
    if (sem_wait(&lock) == 0) made = make(run_bytes);
  }).join();
  return made != nullptr && connarena_of(made) == 0 ? 0 : 3;
}

int entered_arena_takes_small_blocks() {
  const connarena_t arena = connarena_create(nullptr);
  const connarena_t before = connarena_enter(arena);
  void* const inside = make(100);
  connarena_leave(before);
  void* const outside = make(100);
  if (connarena_of(inside) != arena) return 1;
  return connarena_of(outside) == 0 ? 0 : 2;
}

constexpr programs::named_case cases[] = {
    {"runs_before_the_first_read_are_the_connections",
     runs_before_the_first_read_are_the_connections},
    {"runs_before_a_wait_are_nobodys", runs_before_a_wait_are_nobodys},
    {"runs_before_a_socketpair_are_nobodys", runs_before_a_socketpair_are_nobodys},
    {"runs_before_a_connect_are_nobodys", runs_before_a_connect_are_nobodys},
    {"many_runs_are_nobodys", many_runs_are_nobodys},
    {"freed_runs_are_left_to_their_next_owner", freed_runs_are_left_to_their_next_owner},
    {"runs_after_a_reply_are_the_next_readers", runs_after_a_reply_are_the_next_readers},
    {"runs_after_a_reply_stay_where_a_wait_follows", runs_after_a_reply_stay_where_a_wait_follows},
    {"runs_after_a_request_stay_its_connections", runs_after_a_request_stay_its_connections},
    {"runs_after_all_was_read_stay_its_connections", runs_after_all_was_read_stay_its_connections},
    {"runs_after_all_was_read_and_parsed_are_the_next_readers",
     runs_after_all_was_read_and_parsed_are_the_next_readers},
    {"io_shows_whose_the_runs_made_with_its_buffer_are",
     io_shows_whose_the_runs_made_with_its_buffer_are},
    {"woken_by_an_eventfd_works_for_its_waker", woken_by_an_eventfd_works_for_its_waker},
    {"semaphore_that_is_a_lock_hands_nothing_on", semaphore_that_is_a_lock_hands_nothing_on},
    {"entered_arena_takes_small_blocks", entered_arena_takes_small_blocks},
};

}  // namespace

int main(int count, char** arguments) { return programs::run_named(cases, count, arguments); }
