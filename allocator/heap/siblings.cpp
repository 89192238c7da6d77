#include "heap/siblings.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "heap/retention.hpp"
#include "heap/threads.hpp"

namespace connarena {
namespace {

// 256 KiB under the preload library: about what the C library's malloc keeps.
constexpr std::uint32_t most_parts = 8;

std::uint32_t children = 0;

}  // namespace

void count_child() noexcept { ++children; }

void share_floor_with_siblings() noexcept {
  const std::uint32_t parts = std::min(std::exchange(children, 0) + 1, most_parts);
  if (parts == 1) return;
  thread_slot& self = this_thread();
  retention::give_thread_share(std::exchange(self.most_cached_bytes, 0));
  retention::divide_floor(parts);
  if (self.is_registered()) detail::take_share(self);
}

}  // namespace connarena
