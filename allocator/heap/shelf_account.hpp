// shelf_account.hpp - how much lies on a shelf, as it and the process know it.
//
// What has been on a shelf in this epoch at most, and at least, is told to the process: so
// within an epoch the one never falls and the other never rises, and the lines that all
// threads share are seldom written.
//
//   least <= bytes <= told
//
// Threads: whoever holds the shelf writes, anybody reads.
#pragma once

#include <atomic>
#include <cstdint>

#include "os/brief_lock.hpp"

namespace connarena {

class shelf_account {
 public:
  [[nodiscard]] std::uint64_t bytes() const noexcept {
    return bytes_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t told() const noexcept {
    return told_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t least() const noexcept { return least_; }

  void set(std::uint64_t bytes) noexcept;
  void end_epoch() noexcept;

 private:
  void tell(std::uint64_t bytes) noexcept;
  void tell_least(std::uint64_t bytes) noexcept;

  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> told_{0};
  std::uint64_t least_ = 0;
};

/// One shelf for each of the first processors.
inline constexpr std::uint32_t shelf_count = 64;
/// Beside each other, so that a fork, which takes every lock, writes a page or two.
struct alignas(64) shelf_account_line {
  shelf_account of;
  brief_lock guard;
};
extern constinit shelf_account_line shelf_accounts[shelf_count];

/// Bytes on all shelves: exactly, and, at least so many, in one look.
[[nodiscard]] std::uint64_t shelved_bytes() noexcept;
[[nodiscard]] std::int64_t told_shelved_bytes() noexcept;
/// So many lay there all through this epoch: the rest was live in it.
[[nodiscard]] std::int64_t least_shelved_bytes() noexcept;

}  // namespace connarena
