// os.hpp - what the core asks of the operating system. Only this layer calls it.
//
// The seam for tests: linking another definition of these functions gives the
// core a fake system. None of them changes errno.
#pragma once

#include <cstddef>
#include <cstdint>

namespace connarena::os {

/// The least that the system gives or takes: a power of two, and more than a page on some
/// machines.
[[nodiscard]] std::size_t page_bytes() noexcept;
/// There is no region where it is larger.
inline constexpr std::size_t most_page_bytes = std::size_t{64} * 1024;

// Where nothing else is said, addresses and lengths are of whole ones.

/// Reserves address space without access; null if refused. Until it is
/// committed it is in no core file.
[[nodiscard]] void* reserve(std::size_t bytes) noexcept;
/// The same of given addresses, all of which nobody has. False if refused.
[[nodiscard]] bool reserve_at(void* address, std::size_t bytes) noexcept;
/// Gives a reservation, or a part of it, back.
void unreserve(void* address, std::size_t bytes) noexcept;
/// Makes reserved pages readable and writable; they read as zero. Those that it shares with
/// others of the same reservation become so, too. False if refused.
[[nodiscard]] bool commit(void* address, std::size_t bytes) noexcept;
/// Makes reserved pages readable: they read as zero and occupy nothing. False if refused.
[[nodiscard]] bool make_readable(void* address, std::size_t bytes) noexcept;
/// Returns pages to the system; they read as zero when touched again. So do those that
/// the program has locked into memory, which may stay there. False if refused: the pages
/// then keep their contents, or read as zero.
[[nodiscard]] bool purge(void* address, std::size_t bytes) noexcept;
/// Pages that belong together.
struct stretch {
  void* address;
  std::size_t bytes;
};
/// The same as purge() of several, in as few calls as the system has for that: each lets other
/// processors know. `have_gone` says which did.
void purge_each(const stretch* all, std::size_t count, bool* have_gone) noexcept;
/// How many bytes ever were purged.
[[nodiscard]] std::uint64_t purged_bytes() noexcept;
/// Makes committed pages resident in one call, as if each had been written. Where it is
/// refused, some or none are.
void fill(void* address, std::size_t bytes) noexcept;
/// How many of the pages are resident; 0 if the system does not say. Pre: no more bytes than
/// `most_counted_bytes`.
[[nodiscard]] std::size_t resident_pages(void* address, std::size_t bytes) noexcept;
inline constexpr std::size_t most_counted_bytes = std::size_t{2} * 1024 * 1024;
/// Until this was called, neither of those two does anything, and pages are purged one stretch
/// at a time: a program that forbids itself calls seldom allows those that this takes. For
/// who is told of the filters that the process sets.
void allow_uncommon_calls() noexcept;
[[nodiscard]] bool allows_uncommon_calls() noexcept;
/// Makes pages inaccessible, and returns them to the system: a touch of one ends the
/// process with SIGSEGV. False if refused: they stay accessible.
[[nodiscard]] bool guard(void* address, std::size_t bytes) noexcept;
/// Makes such pages accessible again; they read as zero. False if refused.
[[nodiscard]] bool unguard(void* address, std::size_t bytes) noexcept;
/// Whether guarded pages are a mapping of their own. The answer is always the same.
[[nodiscard]] bool guards_split_mappings() noexcept;
/// Keeps huge pages out of a reservation: one would hold 2 MiB resident for a
/// small connection.
void forbid_huge_pages(void* address, std::size_t bytes) noexcept;

/// Memory that reads as zero, which the process's user may read by its number as long as any
/// process has it, in no core file; null if refused.
[[nodiscard]] void* share(std::size_t bytes) noexcept;
/// Gives it, or a part of it, back.
void unshare(void* address, std::size_t bytes) noexcept;

/// Which calls a process may make that has put itself into a sandbox.
struct allowed_calls {
  bool protect = true;        ///< else nothing is committed or guarded any more
  bool advise = true;         ///< else nothing is purged or guarded any more
  bool advise_guards = true;  ///< else no guard in the page table is set or lifted
  bool advise_locked = true;  ///< else locked pages stay when others are purged
  bool uncommon = true;       ///< else it is as if those had never been allowed
  bool map = true;            ///< else no further addresses are reserved
};
/// What is not allowed is refused from here on, without a call.
void restrict_calls(allowed_calls allowed) noexcept;
/// One of those that were made has come to nothing.
void lift_restriction(allowed_calls allowed) noexcept;

/// The soft limit on address space; SIZE_MAX without one.
[[nodiscard]] std::size_t address_space_limit() noexcept;
/// Whether there is one on what is committed.
[[nodiscard]] bool limits_commits() noexcept;
/// An unpredictable number, never 0.
[[nodiscard]] std::uint32_t random_number() noexcept;

/// Sleeps while *word == expected, until a wake; may return early.
void wait(const std::uint32_t* word, std::uint32_t expected) noexcept;
/// The same, but for at most so long.
void wait_for(const std::uint32_t* word, std::uint32_t expected, std::int64_t ns) noexcept;
void wake_one(std::uint32_t* word) noexcept;
void yield() noexcept;
/// Sleeps for about so long, less than a second; may return early.
void nap(std::uint32_t nanoseconds) noexcept;

/// Readies the process for fence_all_threads; false where the system has none.
[[nodiscard]] bool enable_thread_fences() noexcept;
/// Every thread of the process passes a full memory fence before this returns.
/// False if the system refuses: it can no longer be done. Pre: fences are enabled.
[[nodiscard]] bool fence_all_threads() noexcept;

/// Time that only goes forward, to within some milliseconds, without a system call.
[[nodiscard]] std::int64_t coarse_now_ns() noexcept;
/// Whether the process has no other thread; a hint.
[[nodiscard]] bool has_one_thread() noexcept;
/// Runs `run` on a thread that blocks every signal. False if the system refuses.
/// Threads: one at a time. May call malloc.
[[nodiscard]] bool start_thread(void (*run)() noexcept, const char* name) noexcept;
/// Which processor the calling thread runs on, counted among those that run threads of the
/// process, where the system does so: then a program that has one thread at work is on the
/// same wherever it runs. No system call; it may have changed by the time that it is used.
/// Negative where the system does not say.
[[nodiscard]] std::int32_t current_processor() noexcept;
/// Which thread calls, as the system numbers them, and whether such a one still runs.
[[nodiscard]] int this_thread_number() noexcept;
[[nodiscard]] bool is_running(int thread_number) noexcept;

/// Calls `at_exit(value)` on the calling thread when it ends. `at_exit` is the
/// same in every call.
void on_thread_exit(void (*at_exit)(void*), void* value) noexcept;

}  // namespace connarena::os
