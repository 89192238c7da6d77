#include "lines.hpp"

#include <bitset>
#include <cstdint>
#include <unordered_map>

namespace cores {
namespace {

using core_set = std::bitset<most_threads>;
constexpr std::uint64_t line_shift = 6;

struct line {
  core_set holders;  ///< have it now
  core_set visitors;
  bool is_written = false;  ///< else every core may have it
  std::uint64_t moves = 0;
};

struct machine {
  std::unordered_map<std::uint64_t, line> lines;
  core_set threads;
  std::size_t core = 0;
  std::uint64_t turns = 0;
  std::uint64_t fences = 0;
  bool is_counting = false;
};

machine now;
thread_local bool is_in_turn = false;

void touch(line& at, bool writes, bool waits) {
  const bool has_it = at.holders[now.core];
  const bool alone = has_it && at.holders.count() == 1;
  const bool moves = at.holders.any() && (writes ? !alone : !has_it && at.is_written);
  if (moves && waits && now.is_counting) ++at.moves;
  if (writes) at.holders.reset();
  at.is_written |= writes;
  at.holders.set(now.core);
  at.visitors.set(now.core);
}

/// A core waits for a line that it reads; a plain store goes on behind it.
void access(const volatile void* address, std::size_t size, bool writes, bool waits) {
  if (!is_in_turn) return;
  const auto first = reinterpret_cast<std::uintptr_t>(address);
  for (std::uintptr_t at = first >> line_shift; at <= (first + size - 1) >> line_shift; ++at) {
    touch(now.lines[at], writes, waits);
  }
}

}  // namespace

void begin_turn(std::size_t core) noexcept {
  now.core = core;
  now.threads.set(core);
  if (now.is_counting) ++now.turns;
  is_in_turn = true;
}
void end_turn() noexcept { is_in_turn = false; }
int this_core() noexcept { return is_in_turn ? static_cast<int>(now.core) : -1; }
void count_fence() noexcept {
  if (is_in_turn && now.is_counting) ++now.fences;
}
void begin_counting() noexcept { now.is_counting = true; }

line_moves end_counting() noexcept {
  std::uint64_t all = 0;
  std::uint64_t common = 0;
  for (const auto& [address, each] : now.lines) {
    all += each.moves;
    if (2 * each.visitors.count() > now.threads.count()) common += each.moves;
  }
  const auto turns = static_cast<double>(now.turns);
  const line_moves sum{static_cast<double>(all) / turns, static_cast<double>(common) / turns,
                       static_cast<double>(now.fences) / turns};
  now = machine();
  return sum;
}

}  // namespace cores

// What the compiler calls.
// clang-format off
#pragma GCC diagnostic ignored "-Wbuiltin-declaration-mismatch"
namespace {
void read(const volatile void* at, std::size_t size) { cores::access(at, size, false, true); }
void write(const volatile void* at, std::size_t size) { cores::access(at, size, true, false); }
void change(const volatile void* at, std::size_t size) { cores::access(at, size, true, true); }
}  // namespace
extern "C" {
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void** at, void*) { write(at, 8); }
void __tsan_vptr_read(void** at) { read(at, 8); }
void __tsan_read_range(void* at, unsigned long size) { read(at, size); }
void __tsan_write_range(void* at, unsigned long size) { write(at, size); }
void __tsan_atomic_signal_fence(int) {}
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

#define PLAIN(size)                                                           \
  void __tsan_read##size(void* at) { read(at, size); }               \
  void __tsan_write##size(void* at) { write(at, size); }               \
  void __tsan_unaligned_read##size(void* at) { read(at, size); }     \
  void __tsan_unaligned_write##size(void* at) { write(at, size); }
PLAIN(1) PLAIN(2) PLAIN(4) PLAIN(8) PLAIN(16)

#define CHANGE(bits, name)                                                    \
  std::uint##bits##_t __tsan_atomic##bits##_##name(volatile std::uint##bits##_t* at, std::uint##bits##_t with, int) { \
    change(at, bits / 8);                                               \
    return __atomic_##name(at, with, __ATOMIC_SEQ_CST);                       \
  }
#define EXCHANGE(bits, kind, weak)                                            \
  bool __tsan_atomic##bits##_compare_exchange_##kind(volatile std::uint##bits##_t* at, std::uint##bits##_t* seen, std::uint##bits##_t with, int, int) { \
    change(at, bits / 8);                                               \
    return __atomic_compare_exchange_n(at, seen, with, weak, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
  }
#define ATOMIC(bits)                                                          \
  std::uint##bits##_t __tsan_atomic##bits##_load(const volatile std::uint##bits##_t* at, int) { \
    read(at, bits / 8);                                              \
    return __atomic_load_n(at, __ATOMIC_SEQ_CST);                             \
  }                                                                           \
  void __tsan_atomic##bits##_store(volatile std::uint##bits##_t* at, std::uint##bits##_t with, int) { \
    write(at, bits / 8);                                               \
    __atomic_store_n(at, with, __ATOMIC_SEQ_CST);                             \
  }                                                                           \
  std::uint##bits##_t __tsan_atomic##bits##_exchange(volatile std::uint##bits##_t* at, std::uint##bits##_t with, int) { \
    change(at, bits / 8);                                               \
    return __atomic_exchange_n(at, with, __ATOMIC_SEQ_CST);                   \
  }                                                                           \
  CHANGE(bits, fetch_add) CHANGE(bits, fetch_sub) CHANGE(bits, fetch_and)     \
  CHANGE(bits, fetch_or) CHANGE(bits, fetch_xor)                              \
  EXCHANGE(bits, strong, false) EXCHANGE(bits, weak, true)
ATOMIC(8) ATOMIC(16) ATOMIC(32) ATOMIC(64)
}  // extern "C"
