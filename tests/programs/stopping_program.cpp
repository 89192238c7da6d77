// stopping_program CASE - has memory to return, and stops in one call for longer than any
// test, or reads all the time. Where it stops it says "stopped" first, on standard output.
// Runs under the preload library, most cases with one thread.
//
// Exit codes: 0 as it should be, 1 too many system calls, 9 the wait ended, 19 the system
// refused something, 20 no process may trace another, 21 no such case.
#include <fcntl.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>
#include <vector>

#include "programs/named_case.hpp"
#include "programs/pair_of_ends.hpp"
#include "works/system_calls.hpp"

namespace {

using programs::connect_pair;
using programs::expect;
using programs::pair_of_ends;

constexpr int wait_ended = 9;

void use_and_free() {
  constexpr std::size_t block_bytes = std::size_t{1} << 18;
  std::vector<void*> blocks;
  for (int i = 0; i < 256; ++i) blocks.push_back(malloc(block_bytes));
  for (void* const block : blocks) std::memset(block, 1, block_bytes);
  for (void* const block : blocks) free(block);
}

void say_stopped() { expect(write(STDOUT_FILENO, "stopped", 7) == 7); }

pair_of_ends make_pipe() {
  pair_of_ends ends{};
  expect(pipe(ends.data()) == 0);
  return ends;
}

int stop_in_read(int fd) {
  use_and_free();
  say_stopped();
  std::uint64_t bytes = 0;
  static_cast<void>(!read(fd, &bytes, sizeof bytes));
  return wait_ended;
}

int in_read_of_pipe() { return stop_in_read(make_pipe()[0]); }
int in_read_of_socket() { return stop_in_read(connect_pair()[0]); }
int in_read_of_eventfd() { return stop_in_read(eventfd(0, 0)); }

int beside_a_thread() {
  std::thread([] {
    for (;;) pause();
  }).detach();
  return in_read_of_pipe();
}

void read_bytes(int fd, int count) {
  for (int i = 0; i < count; ++i) {
    char byte = 0;
    expect(read(fd, &byte, 1) == 1);
  }
}

int file_of(int bytes) {
  const int file = memfd_create("input", 0);
  expect(file >= 0 && ftruncate(file, bytes) == 0);
  return file;
}

/// A pipe has the number of a file that was read just before.
int in_read_of_pipe_after_a_file() {
  const int file = file_of(100);
  use_and_free();
  read_bytes(file, 10);
  close(file);
  const pair_of_ends ends = make_pipe();
  return ends[0] == file ? stop_in_read(ends[0]) : programs::refused;
}

int in_read_after_all_that_was_there() {
  const pair_of_ends ends = make_pipe();
  const std::vector<char> input(1000);
  expect(write(ends[1], input.data(), input.size()) == 1000);
  use_and_free();
  read_bytes(ends[0], 1000);
  return stop_in_read(ends[0]);
}

/// It asks again and again instead.
int in_reads_that_do_not_wait() {
  const pair_of_ends ends = make_pipe();
  expect(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
  use_and_free();
  say_stopped();
  char byte = 0;
  while (read(ends[0], &byte, 1) < 0) {
  }
  return wait_ended;
}

sem_t& semaphore_of_processes() {
  static sem_t semaphore;
  expect(sem_init(&semaphore, 1, 0) == 0);
  return semaphore;
}

int in_semaphore() {
  sem_t& never = semaphore_of_processes();
  use_and_free();
  say_stopped();
  sem_wait(&never);
  return wait_ended;
}

int in_semaphore_with_a_time() {
  sem_t& never = semaphore_of_processes();
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 1000;
  use_and_free();
  say_stopped();
  sem_timedwait(&never, &until);
  return wait_ended;
}

constexpr int reads = 2000;

/// Beside those that the reads are.
int needs_few_calls_to_read(int fd) {
  use_and_free();
  const double calls = micro::system_calls_in([=] { read_bytes(fd, reads); });
  if (calls < 0) return programs::not_preloaded;
  return calls <= reads + 100 ? 0 : 1;
}

int much_input_of_a_pipe_needs_few_calls() {
  const pair_of_ends ends = make_pipe();
  const std::vector<char> input(reads);
  expect(write(ends[1], input.data(), input.size()) == reads);
  return needs_few_calls_to_read(ends[0]);
}

int a_file_needs_few_calls() { return needs_few_calls_to_read(file_of(reads)); }

#define CASE(name) \
  { #name, name }
constexpr programs::named_case cases[] = {
    CASE(in_read_of_pipe),
    CASE(in_read_of_socket),
    CASE(in_read_of_eventfd),
    CASE(in_read_of_pipe_after_a_file),
    CASE(in_read_after_all_that_was_there),
    CASE(in_reads_that_do_not_wait),
    CASE(in_semaphore),
    CASE(in_semaphore_with_a_time),
    CASE(beside_a_thread),
    CASE(much_input_of_a_pipe_needs_few_calls),
    CASE(a_file_needs_few_calls),
};
#undef CASE

}  // namespace

int main(int count, char** words) { return programs::run_named(cases, count, words); }
