// resource_program CASE - the C++ classes of libconnarena.so, alone and under the preload
// library.
//
// Exit codes: 0 as it should be, 1 a resource that drains was not counted, 2 one that has
// drained still is, 3 no sockets, 4 a block has another size, 21 no such case.
#include <connarena/arena.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "programs/named_case.hpp"

namespace {

/// What a draining resource still hands out outlives it as a survivor does.
int block_of_a_draining_resource_is_freed() {
  connarena::arena_ptr pointer = connarena::synchronized_arena::open();
  connarena::synchronized_arena* const resource = pointer.get();
  void* const survivor = resource->allocate(64, 16);
  void* const long_survivor = resource->allocate(100000, 16);
  pointer.reset();
  void* const late = resource->allocate(64, 16);
  void* const long_late = resource->allocate(100000, 16);
  resource->deallocate(late, 64, 16);
  resource->deallocate(long_late, 100000, 16);
  if (connarena::process().arenas_draining != 1) return 1;
  resource->deallocate(survivor, 64, 16);
  resource->deallocate(long_survivor, 100000, 16);
  return connarena::process().arenas_draining == 0 ? 0 : 2;
}

/// Passes a buffer through a connection, as evidence that it is that one's.
bool pass(char* buffer, std::size_t bytes) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return false;
  std::memset(buffer, 'x', bytes);
  const auto length = static_cast<ssize_t>(bytes);
  const bool has_passed = ::write(ends[0], buffer, bytes) == length &&
                          ::recv(ends[1], buffer, bytes, MSG_WAITALL) == length;
  ::close(ends[0]);
  ::close(ends[1]);
  return has_passed;
}

constexpr std::size_t buffer_bytes = 20000;

/// I/O shows whose a buffer is, but a resource was told.
template <typename Resource>
bool keeps_its_buffer(Resource& resource) {
  auto* const buffer = static_cast<char*>(resource.allocate(buffer_bytes));
  if (!pass(buffer, buffer_bytes)) return false;
  resource.deallocate(buffer, buffer_bytes);
  return true;
}

int buffer_stays_its_resources_after_io() {
  connarena::arena one_thread;
  connarena::synchronized_arena any_thread;
  return keeps_its_buffer(one_thread) && keeps_its_buffer(any_thread) ? 0 : 3;
}

int resource_waits_for_a_buffer_after_io() {
  connarena::arena_ptr pointer = connarena::synchronized_arena::open();
  connarena::synchronized_arena* const resource = pointer.get();
  auto* const buffer = static_cast<char*>(resource->allocate(buffer_bytes));
  if (!pass(buffer, buffer_bytes)) return 3;
  pointer.reset();
  if (connarena::process().arenas_draining != 1) return 1;
  resource->deallocate(buffer, buffer_bytes);
  return connarena::process().arenas_draining == 0 ? 0 : 2;
}

int block_has_the_size_it_is_resized_to() {
  connarena::arena arena;
  constexpr std::array<std::size_t, 6> sizes{1000, 16, 600, 5000, 4000, 100};
  std::size_t bytes = 1;
  void* block = arena.allocate(bytes);
  for (const std::size_t next : sizes) {
    block = arena.reallocate(block, bytes, next);
    bytes = next;
  }
  arena.deallocate(block, bytes);
  return arena.stats().live_bytes == 0 ? 0 : 4;
}

constexpr programs::named_case cases[] = {
    {"block_of_a_draining_resource_is_freed", block_of_a_draining_resource_is_freed},
    {"buffer_stays_its_resources_after_io", buffer_stays_its_resources_after_io},
    {"resource_waits_for_a_buffer_after_io", resource_waits_for_a_buffer_after_io},
    {"block_has_the_size_it_is_resized_to", block_has_the_size_it_is_resized_to},
};

}  // namespace

int main(int count, char** words) { return programs::run_named(cases, count, words); }
