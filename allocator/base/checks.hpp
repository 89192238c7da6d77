// checks.hpp - how faults are reported: one fixed line on stderr, then abort.
//
// Misuse by the caller and corruption of memory are always checked; the texts
// are part of the interface. CONNARENA_DCHECK guards our own invariants and is
// compiled only into debug builds.
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

}  // namespace connarena

#ifdef NDEBUG
#define CONNARENA_DCHECK(condition) static_cast<void>(sizeof(condition))
#else
#define CONNARENA_DCHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::connarena::die_internal(#condition))
#endif
