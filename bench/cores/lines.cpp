#include "lines.hpp"

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <cstdio>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cores {
namespace {

using core_set = std::bitset<most_threads>;
constexpr std::uint64_t line_shift = 6;

struct line {
  core_set holders;  ///< have it now
  core_set visitors;
  bool is_written = false;  ///< else every core may have it
  std::uint64_t moves = 0;
  std::uint64_t comes_in = 0;  ///< the turn of a plain store that it is on its way for
  std::unordered_map<const void*, std::uint64_t> waiting;  ///< moves by the code that waits
};

struct machine {
  std::unordered_map<std::uint64_t, line> lines;
  core_set threads;
  std::size_t core = 0;
  std::uint64_t turn = 0;   ///< of all
  std::uint64_t turns = 0;  ///< that count
  std::uint64_t fences = 0;
  bool is_counting = false;
};

machine now;
thread_local bool is_in_turn = false;
thread_local int own_core = -1;

/// What a plain store has sent for is waited for by whatever reads it in that turn.
void touch(line& at, bool writes, bool waits, const void* code) {
  const bool has_it = at.holders[now.core];
  const bool alone = has_it && at.holders.count() == 1;
  const bool moves = at.holders.any() && (writes ? !alone : !has_it && at.is_written);
  if (moves && !waits) at.comes_in = now.turn;
  if (waits && (moves || at.comes_in == now.turn)) {
    at.comes_in = 0;
    if (now.is_counting) {
      ++at.moves;
      ++at.waiting[code];
    }
  }
  if (writes) at.holders.reset();
  at.is_written |= writes;
  at.holders.set(now.core);
  at.visitors.set(now.core);
}

/// A core waits for a line that it reads; a plain store goes on behind it.
void access(const volatile void* address, std::size_t size, bool writes, bool waits,
            const void* code) {
  if (!is_in_turn) return;
  const auto first = reinterpret_cast<std::uintptr_t>(address);
  for (std::uintptr_t at = first >> line_shift; at <= (first + size - 1) >> line_shift; ++at) {
    touch(now.lines[at], writes, waits, code);
  }
}

}  // namespace

void be_core(std::size_t core) noexcept { own_core = static_cast<int>(core); }
void begin_turn(std::size_t core) noexcept {
  now.core = core;
  ++now.turn;
  now.threads.set(core);
  if (now.is_counting) ++now.turns;
  is_in_turn = true;
}
void end_turn() noexcept { is_in_turn = false; }
int this_core() noexcept { return own_core; }
void count_fence() noexcept {
  if (is_in_turn && now.is_counting) ++now.fences;
}
void begin_counting() noexcept { now.is_counting = true; }

void print_moves() noexcept {
  using one = std::pair<std::pair<std::uint64_t, const void*>, std::uint64_t>;
  std::vector<one> all;
  for (const auto& [address, each] : now.lines) {
    for (const auto& [code, moves] : each.waiting) all.push_back({{address, code}, moves});
  }
  std::sort(all.begin(), all.end(), [](const one& a, const one& b) { return a.second > b.second; });
  for (const auto& [at, moves] : all) {
    std::printf("%.5f %zu %#llx %p\n", static_cast<double>(moves) / static_cast<double>(now.turns),
                now.lines[at.first].visitors.count(),
                static_cast<unsigned long long>(at.first << line_shift), at.second);
  }
}

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
// Inlined, they return to the code that is compiled so.
#define CALLED [[gnu::always_inline]] inline void
CALLED read(const volatile void* at, std::size_t size) { cores::access(at, size, false, true, __builtin_return_address(0)); }
CALLED write(const volatile void* at, std::size_t size) { cores::access(at, size, true, false, __builtin_return_address(0)); }
CALLED change(const volatile void* at, std::size_t size) { cores::access(at, size, true, true, __builtin_return_address(0)); }
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
  void __tsan_atomic##bits##_store(volatile std::uint##bits##_t* at, std::uint##bits##_t with, int order) { \
    if (order == __ATOMIC_SEQ_CST) change(at, bits / 8);                \
    else write(at, bits / 8);                                           \
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
