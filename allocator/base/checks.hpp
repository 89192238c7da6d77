// checks.hpp - how faults are reported: one fixed line on stderr, then abort.
//
// Misuse by the caller and corruption of memory are always checked; the texts
// are part of the interface. CONNARENA_DCHECK guards our own invariants, where the build
// says so: preset `debug`, and what inherits it.
#pragma once

#include <cstddef>

namespace connarena {

/// "connarena: double free of 0x…"
[[noreturn]] void die_double_free(const void* block) noexcept;
/// "connarena: free of 0x…, which is not the start of a live block"
[[noreturn]] void die_not_a_block(const void* block) noexcept;
/// "connarena: free of 0x…, which does not belong to this arena"
[[noreturn]] void die_wrong_arena(const void* block) noexcept;
/// "connarena: free of 0x… into a released arena"
[[noreturn]] void die_released(const void* block) noexcept;
/// "connarena: use of 0x…, which was released with its connection"
[[noreturn]] void die_retired(const void* block) noexcept;
/// "connarena: size … does not fit the block at 0x…"
[[noreturn]] void die_wrong_size(const void* block, std::size_t size_bytes) noexcept;
/// "connarena: corrupted free list near 0x…"
[[noreturn]] void die_corrupted(const void* block) noexcept;
/// "connarena: internal error: …"
[[noreturn]] void die_internal(const char* condition) noexcept;

// Not by NDEBUG: whoever embeds the library for a program of theirs that is not
// optimised, or packages it with flags of their own, is not to pay for our doubts.
#ifdef CONNARENA_CHECK_INVARIANTS
inline constexpr bool checks_invariants = true;
#else
inline constexpr bool checks_invariants = false;
#endif

}  // namespace connarena

#define CONNARENA_DCHECK(condition)                                      \
  (!::connarena::checks_invariants || (condition) ? static_cast<void>(0) \
                                                  : ::connarena::die_internal(#condition))
