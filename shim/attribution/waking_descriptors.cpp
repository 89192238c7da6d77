#include "shim/attribution/waking_descriptors.hpp"

#include <cstring>

#include "shim/attribution/wakes.hpp"

namespace connarena::shim {
namespace {

/// No condition or semaphore lies there.
const void* address_of(int fd) noexcept {
  return reinterpret_cast<const void*>(static_cast<std::uintptr_t>(fd) + 1);
}

/// So many at most are told apart.
constexpr std::uint64_t most_jobs = 64;

/// What an eventfd gives; 0: nothing that counts.
std::uint64_t count_in(const void* value, std::size_t bytes) noexcept {
  std::uint64_t count = 0;
  if (bytes >= sizeof count) std::memcpy(&count, value, sizeof count);
  return count <= most_jobs ? count : 0;
}

}  // namespace

void come_to_write_wake(int fd) noexcept { leave_for_taker(address_of(fd)); }

void come_to_read_wake() noexcept { end_job(); }

void note_wake_read(int fd, const void* value, ssize_t bytes) noexcept {
  if (bytes > 0) note_taken(address_of(fd), count_in(value, static_cast<std::size_t>(bytes)));
}

}  // namespace connarena::shim
