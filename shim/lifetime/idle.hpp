// idle.hpp - giving idle memory back when the program has nothing to do.
//
// What was not wanted for half a second is returned, down to the bound: see
// heap/demand.hpp. In a program of several threads the core's helper does that; in one
// that has a single thread, or may have no helper, who is about to wait does it himself,
// and looks again when there will be more: a wait is then split in two or three.
//
// After connections have closed, the base allocator is asked to trim as well: its
// small blocks of those connections are free, but lie where it does not look. That
// is rationed to a twentieth of the time.
#pragma once

#include <cstdint>

namespace connarena::shim {

/// A closed connection has ended: its small blocks are the base allocator's to return.
/// The calling thread sees to it when it waits or ends.
void note_ended_connection() noexcept;

/// Whether there is something to return for a thread that never waits for events, where
/// none that does looks after it.
[[nodiscard]] bool is_left_untidy() noexcept;
/// Whether some of it may be returned by now.
[[nodiscard]] bool may_tidy_in_passing() noexcept;
/// Returns it, if it may. Not in the core, and best not under a mutex.
void tidy_in_passing() noexcept;

/// At the end of a thread that closed a connection. The first of many that end
/// together stays until the base allocator may be trimmed again, for all of them.
void tidy_at_thread_end() noexcept;

/// While one exists, no thread of ours does: some calls are refused to a process of several.
class without_helper {
 public:
  without_helper() noexcept;
  ~without_helper();
  without_helper(const without_helper&) = delete;
  without_helper& operator=(const without_helper&) = delete;
};

/// Whether there is idle memory that this program's threads have to look after themselves.
[[nodiscard]] bool has_own_excess() noexcept;
/// Whether the calling thread has ever waited for events.
[[nodiscard]] bool is_event_thread() noexcept;

/// Whether there is something to return; asked before each wait.
[[nodiscard]] bool is_untidy() noexcept;

/// Returns what nobody has wanted for a while, if it is time. Called before each wait.
void return_due() noexcept;

/// A wait has ended with so many events; gives them back. The program is at work.
int note_events(int count) noexcept;

/// How long a wait lasts before the first look, and how long the program has to be quiet
/// before the base allocator is trimmed.
inline constexpr std::int64_t moment_ns = 20000000;
/// What tidy gives for all there was to do, and for what the system refuses to take.
inline constexpr std::int64_t all_tidy = -1;
inline constexpr std::int64_t stuck = -2;

/// While one exists, its thread looks after what it and others leave.
class watch {
 public:
  watch() noexcept;
  ~watch();
  watch(const watch&) = delete;
  watch& operator=(const watch&) = delete;

  /// How long to wait before the first look.
  [[nodiscard]] std::int64_t first_look_ns() const noexcept { return moment_ns_; }

  /// Returns what is due; trims if no thread has seen an event for long enough. Called by
  /// a thread that has waited in vain for a moment. Gives after what time there will be
  /// more to do, or one of the above.
  [[nodiscard]] std::int64_t tidy() noexcept;

 private:
  std::int64_t moment_ns_;
};

/// The calling thread has left a wait in which it watched, if it did.
void end_left_watch() noexcept;

/// Only the calling thread is left. A child that lives as long as one connection
/// returns nothing before it ends.
void reset_idle_in_child() noexcept;

}  // namespace connarena::shim
