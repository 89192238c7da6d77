// aftermath.hpp - what has to be gone when a server of these tests has served: every
// arena, and all idle memory beyond the bound.
#pragma once

#include <connarena/arena.hpp>

#include <cstdlib>

#include "harness/deadline.hpp"
#include "harness/resident_memory.hpp"

namespace moving {

class aftermath {
 public:
  /// The threads of a server, which are no more, let connections of theirs go.
  [[nodiscard]] bool are_arenas_gone() const {
    return harness::wait_until([this] {
      static_cast<void>(connarena::idle());
      const connarena::process_stats now = connarena::process();
      return now.arenas_open == before_.arenas_open &&
             now.arenas_draining == before_.arenas_draining;
    });
  }
  [[nodiscard]] static bool is_idle_memory_bounded() {
    // That of the library, or the preload library's: see docs/design.md.
    const bool is_preloaded = std::getenv("LD_PRELOAD") != nullptr;
    const std::size_t floor_bytes = (is_preloaded ? 2 : 8) * harness::mib;
    return harness::wait_until([floor_bytes] {
      static_cast<void>(connarena::idle());
      const connarena::process_stats now = connarena::process();
      return now.retained_bytes <= floor_bytes + now.live_bytes / 32;
    });
  }
  /// Where only arenas' blocks count as live.
  [[nodiscard]] bool is_nothing_left_alive() const {
    return std::getenv("LD_PRELOAD") != nullptr ||
           connarena::process().live_bytes == before_.live_bytes;
  }

 private:
  const connarena::process_stats before_ = connarena::process();
};

}  // namespace moving
