// fake_os.hpp - a system that refuses on demand and counts what it is asked.
//
// Everything it does not refuse is done for real. Set it up before the first
// arena of a process: the core asks for its region once.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace fake_os {

/// What the core asks for and the system may refuse.
enum class call : std::uint8_t {
  reserve,
  reserve_at,
  unreserve,
  commit,
  make_readable,
  purge,
  guard,
  unguard,
  forbid_huge_pages,
  enable_thread_fences,
  fence_all_threads,
  on_thread_exit
};
inline constexpr std::size_t call_count = 12;

/// A time that any thread reads while another sets it.
struct shared_time : std::atomic<std::int64_t> {
  using std::atomic<std::int64_t>::atomic;
  using std::atomic<std::int64_t>::operator=;
  shared_time(const shared_time& other) noexcept : std::atomic<std::int64_t>(other.load()) {}
  shared_time& operator=(const shared_time& other) noexcept {
    store(other.load());
    return *this;
  }
};

struct settings {
  call refused_call = call::reserve;
  std::size_t refused_number = 0;  ///< which call of that kind does nothing; 0: none
  std::size_t largest_reservation_bytes = SIZE_MAX;
  bool refuses_reserve_at = false;  ///< as where others have all addresses
  std::size_t address_space_limit_bytes = SIZE_MAX;
  std::size_t commit_budget_bytes = SIZE_MAX;  ///< what may still be committed
  bool refuses_purge = false;
  std::size_t page_bytes = 4096;  ///< where a call is of parts of such a page, the process ends
  std::size_t guard_budget = SIZE_MAX;  ///< how often pages may still be guarded
  bool refuses_unguard = false;
  bool has_thread_fences = true;
  bool refuses_fences = false;  ///< once they are enabled
  shared_time now_ns{0};        ///< the time, which stands still but for waits
  bool has_other_threads = false;
  std::int32_t processor = -1;         ///< that every thread runs on
  void (*before_commit)() = nullptr;   ///< called once, by the next commit
  void (*before_reserve)() = nullptr;  ///< called once, by the next reservation
};

struct counters {
  std::size_t calls[call_count]{};
  std::size_t reserved_bytes = 0;
  std::size_t purged_bytes = 0;
  std::size_t threads_started = 0;       ///< none of them runs
  void (*started)() noexcept = nullptr;  ///< what the last one would
  std::size_t waits = 0;                 ///< for a time, which passes at once
  std::atomic<std::size_t> naps{0};

  [[nodiscard]] std::size_t of(call kind) const { return calls[static_cast<std::size_t>(kind)]; }
};

[[nodiscard]] settings& setup() noexcept;
[[nodiscard]] const counters& seen() noexcept;

}  // namespace fake_os
