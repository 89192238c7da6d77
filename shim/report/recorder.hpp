// recorder.hpp - keeps the counters of this process, if a report is wanted.
//
// Without one every call is a test of one word. A forked child counts for itself
// and reports nothing.
#pragma once

#include <sys/types.h>

#include "api/core.hpp"
#include "shim/report/counters.hpp"

namespace connarena::shim::report {

namespace detail {
extern constinit std::atomic<counters*> recorded;
void count_connection_opened() noexcept;
void count_connection_closed() noexcept;
void count_arena_opened() noexcept;
void count_drained(const core::drain_result& result) noexcept;
void count_block() noexcept;
[[nodiscard]] inline bool is_wanted() noexcept {
  return recorded.load(std::memory_order_relaxed) != nullptr;
}
}  // namespace detail

/// `where`: null for no report, "stderr", or a file. `launched`: the process whose
/// report that is; 0: not known. Another one that has its environment reports only if
/// it has connections, beside the file, and complains of nothing. In the constructor.
void start(const char* where, pid_t launched) noexcept;
/// Writes down how the process ended; does nothing the second time.
void finish() noexcept;
/// The same in a signal handler: it does not look at the footprint again.
void finish_at_once() noexcept;
/// In a forked child.
void leave_to_parent() noexcept;

inline void connection_opened() noexcept {
  if (detail::is_wanted()) detail::count_connection_opened();
}
inline void connection_closed() noexcept {
  if (detail::is_wanted()) detail::count_connection_closed();
}
inline void arena_opened() noexcept {
  if (detail::is_wanted()) detail::count_arena_opened();
}
inline void arena_drained(const core::drain_result& result) noexcept {
  if (detail::is_wanted()) detail::count_drained(result);
}
/// Now and then the footprint is looked at, to find its peak.
inline void block_is_wanted() noexcept {
  if (detail::is_wanted()) detail::count_block();
}

}  // namespace connarena::shim::report
