// recorder.hpp - keeps the counters of this process, if a report is wanted.
//
// Without one every call is a test of one word. A forked child counts in a record of its
// own, of the same ledger. What is counted is copied to the file at closes, where memory
// goes back and at the end, for at most a hundredth of the time.
#pragma once

#include <sys/types.h>

#include "api/core.hpp"
#include "shim/report/own_record.hpp"

namespace connarena::shim::report {

namespace detail {
extern constinit std::atomic<bool> is_file_behind;
void count_connection_opened() noexcept;
void count_connection_closed(bool is_own) noexcept;
void count_arena_opened() noexcept;
void count_drained(const core::drain_result& result) noexcept;
void count_block() noexcept;
void count_returned(bool is_all) noexcept;
void prepare_file() noexcept;
void close_standard_error() noexcept;
}  // namespace detail

/// `where`: null for no report, "stderr", or a file. `launched`: the process whose
/// report that is; 0: not known. Another one that has its environment reports only if
/// it has connections, beside the file, and complains of nothing. In the constructor.
void start(const char* where, pid_t launched) noexcept;
/// Writes down how the process ended; does nothing the second time.
void finish() noexcept;
/// The same in a signal handler: it does not look at the footprint again.
void finish_at_once() noexcept;

/// Around fork.
void before_fork() noexcept;
void after_fork_in_parent() noexcept;
void after_fork_in_child() noexcept;

inline void connection_opened() noexcept {
  if (is_report_wanted()) detail::count_connection_opened();
}
/// `forks`: what forks_before was when it was opened.
inline void connection_closed(std::uint32_t forks) noexcept {
  if (is_report_wanted()) detail::count_connection_closed(forks == forks_before);
}
inline void arena_opened() noexcept {
  if (is_report_wanted()) detail::count_arena_opened();
}
inline void arena_drained(const core::drain_result& result) noexcept {
  if (is_report_wanted()) detail::count_drained(result);
}
/// Now and then the footprint is looked at, to find its peak.
inline void block_is_wanted() noexcept {
  if (is_report_wanted()) detail::count_block();
}
/// Idle memory has gone back, or there was none to go. `is_all`: there is no more.
inline void memory_returned(bool is_all) noexcept {
  if (is_report_wanted()) detail::count_returned(is_all);
}
/// Whether a look at idle memory would bring the file up to date. Asked before each wait.
[[nodiscard]] inline bool is_behind() noexcept {
  return detail::is_file_behind.load(std::memory_order_relaxed);
}
/// The process makes a socket: while it has its rights is the time to create its file.
inline void socket_made() noexcept {
  if (is_report_wanted()) detail::prepare_file();
}
/// The program closes the stream stderr, as some do at their end.
inline void standard_error_closes() noexcept {
  if (is_report_wanted()) detail::close_standard_error();
}

}  // namespace connarena::shim::report
