// ambient.hpp - the connection that the calling thread serves, and with it which
// sizes malloc passes straight to the base allocator.
//
// A call that transfers bytes on a connection makes the thread serve it; a call
// that waits for any of several connections makes it serve none; then the runs that it
// makes are unclaimed until the next transfer. An arena that the program entered itself
// comes before.
#pragma once

#include <cstddef>

#include "shim/lifetime/connections.hpp"

namespace connarena::shim {

/// What has told whom a thread serves, the weakest first.
enum class sign : unsigned char {
  woken,     ///< whoever woke it served that
  sent,      ///< it wrote to it, handed on what it had made, or has read all there was and
             ///< made something of it: what comes next may be another's
  received,  ///< it read from it, or it has just come
  worked,    ///< and has made runs for it since
};

struct thread_state {
  /// Smaller sizes go straight to the base allocator. 0 until the thread's first
  /// block, and where what the base allocator gives has to be wiped.
  std::size_t direct_below = 0;
  /// The smallest size that may be the core's. 0 until the thread's first block; 1
  /// while it serves a connection whose small blocks count.
  std::size_t cores_from = 0;
  /// The same for the C++ operators: 0, too, where they are the program's own.
  std::size_t new_direct_below = 0;
  connection_id serving = 0;
  sign last_sign = sign::woken;
  /// It may have taken a job from a queue: see wakes.hpp.
  bool may_have_job = false;
};

extern constinit thread_local thread_state this_thread_state
    __attribute__((tls_model("initial-exec")));

/// Sets what goes straight to the base allocator, from the settings and from what the thread
/// serves.
void choose_direct_sizes() noexcept;

void serve(connection_id connection) noexcept;
/// Called where a thread waits for any of several connections.
inline void serve_none() noexcept { serve(0); }

/// The arena that the thread's blocks come from; 0 is none. Opens it if need be.
[[nodiscard]] core::handle ambient_arena() noexcept;

}  // namespace connarena::shim
