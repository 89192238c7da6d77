// waking_place.hpp - the connections that wakers have left at one address, in order: the
// n-th to take a job there gets what the n-th to wake has left, and whoever comes too early
// nothing.
//
// Nobody sees a job being taken. A thread that may have taken one *enters*, and *leaves* when
// it says whether it has. While several are in it is not known which of them has which job:
// then each takes its number, and none gets a connection. While none is in, as many were
// taken as there were, and where the numbers differ they are made the same.
//
// What was put at a number is got by who takes that number, or by nobody; where a waker is held
// up between its number and its name, who takes that may get what was put 128 numbers before.
// Threads: any. Two that make it another address's at once may mix up what is left there.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "shim/lifetime/connection_id.hpp"

namespace connarena::shim {

class waking_place {
 public:
  [[nodiscard]] bool is_at(const void* address) const noexcept {
    return address_.load(relaxed) == address;
  }
  [[nodiscard]] const void* mutex() const noexcept { return mutex_.load(relaxed); }

  /// A thread comes to wait there: it has found nothing to take.
  void found_empty(const void* address, const void* mutex) noexcept {
    if (!is_at(address)) begin_at(address);
    mutex_.store(mutex, relaxed);
    if (inside_.load(relaxed) == 0) {
      crowded_.store(0, relaxed);
      make_even();
    } else if (crowded_.fetch_add(1, relaxed) >= most_crowded) {
      // One that was in has ended.
      forget_who_is_in();
    }
  }

  /// Gives what leave() takes.
  [[nodiscard]] std::uint32_t enter() noexcept {
    inside_.fetch_add(1, relaxed);
    return epoch_.load(relaxed);
  }
  void leave(std::uint32_t epoch) noexcept {
    if (epoch == epoch_.load(relaxed)) inside_.fetch_sub(1, relaxed);
  }

  void put(connection_id connection) noexcept {
    const std::uint64_t before = ends_.fetch_add(one_put, relaxed);
    if (waiting(before) >= static_cast<std::int32_t>(most)) return make_even();
    // release: pairs with the acquire in take
    left_[put_of(before) % most].store(connection, std::memory_order_release);
  }

  /// By a thread that has left, and is known by an address of its own. 0: nobody, or nobody
  /// known.
  [[nodiscard]] connection_id take(const void* taker) noexcept {
    last_taker_.store(taker, relaxed);
    std::uint64_t before = ends_.load(relaxed);
    while (!ends_.compare_exchange_weak(before, after_taking(before), relaxed)) {
    }
    const std::uint32_t number = taken_of(before);
    const std::uint32_t others = inside_.load(relaxed);
    if (others != 0) doubtful_end_.store(number + 1 + others, relaxed);
    if (waiting(before) <= 0) return 0;
    count(kept_, 1);
    // acquire: pairs with the release in put
    const connection_id left = left_[number % most].exchange(0, std::memory_order_acquire);
    const bool is_doubtful = static_cast<std::int32_t>(doubtful_end_.load(relaxed) - number) > 0;
    return is_doubtful ? 0 : left;
  }

  /// Who posts what it has taken itself uses a semaphore as a lock, and hands nothing on.
  [[nodiscard]] bool has_last_taken(const void* taker) const noexcept {
    return last_taker_.load(relaxed) == taker;
  }
  void note_miss() noexcept { count(missed_, 1); }

  /// Whether about as many have woken as have taken.
  [[nodiscard]] bool is_one_to_one() const noexcept {
    return missed_.load(relaxed) * most_missed <= kept_.load(relaxed) + allowance;
  }

 private:
  static constexpr auto relaxed = std::memory_order_relaxed;
  static constexpr std::uint32_t most = 128;
  static constexpr std::uint32_t most_crowded = 64;
  static constexpr std::uint32_t most_missed = 2;  ///< one of so many
  static constexpr std::uint32_t allowance = 64;
  static constexpr std::uint32_t memory = 4096;  ///< of so many, half is forgotten
  static constexpr std::uint64_t one_put = std::uint64_t{1} << 32;

  static std::uint32_t put_of(std::uint64_t ends) noexcept {
    return static_cast<std::uint32_t>(ends >> 32);
  }
  static std::uint32_t taken_of(std::uint64_t ends) noexcept {
    return static_cast<std::uint32_t>(ends);
  }
  /// Negative: so many took before anything was put for them.
  static std::int32_t waiting(std::uint64_t ends) noexcept {
    return static_cast<std::int32_t>(put_of(ends) - taken_of(ends));
  }
  static std::uint64_t after_taking(std::uint64_t ends) noexcept {
    return (ends & ~std::uint64_t{UINT32_MAX}) | static_cast<std::uint32_t>(ends + 1);
  }

  void begin_at(const void* address) noexcept {
    make_even();
    forget_who_is_in();
    kept_.store(0, relaxed);
    missed_.store(0, relaxed);
    address_.store(address, relaxed);
  }

  void forget_who_is_in() noexcept {
    epoch_.fetch_add(1, relaxed);
    inside_.store(0, relaxed);
    crowded_.store(0, relaxed);
  }

  void make_even() noexcept {
    std::uint64_t before = ends_.load(relaxed);
    const auto even = [](std::uint64_t ends) noexcept {
      return std::uint64_t{put_of(ends)} << 32 | put_of(ends);
    };
    while (waiting(before) != 0 && !ends_.compare_exchange_weak(before, even(before), relaxed)) {
    }
    const std::int32_t more = waiting(before);
    if (more != 0) count(missed_, static_cast<std::uint32_t>(more < 0 ? -more : more));
  }

  void count(std::atomic<std::uint32_t>& in, std::uint32_t more) noexcept {
    if (in.fetch_add(more, relaxed) + more < memory) return;
    kept_.store(kept_.load(relaxed) / 2, relaxed);
    missed_.store(missed_.load(relaxed) / 2, relaxed);
  }

  std::atomic<const void*> address_;
  std::atomic<const void*> mutex_;
  std::atomic<const void*> last_taker_;
  std::atomic<std::uint64_t> ends_;  ///< so many were put (upper half) and taken
  std::atomic<std::uint32_t> inside_;
  std::atomic<std::uint32_t> epoch_;         ///< whoever entered in another is not in
  std::atomic<std::uint32_t> crowded_;       ///< so many in turn found it empty, with some in
  std::atomic<std::uint32_t> doubtful_end_;  ///< numbers below it are of no use
  std::atomic<std::uint32_t> kept_, missed_;
  std::atomic<connection_id> left_[most];
};

}  // namespace connarena::shim
