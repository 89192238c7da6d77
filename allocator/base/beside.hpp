// beside.hpp - reading a count that another thread is changing.
//
// Counts of the fast paths have one writer, which adds to them in memory by one plain
// instruction; an atomic store would need three. Whoever reads one for a statistic
// beside its writer reads it here: what it gets is the value of some moment.
#pragma once

#include <cstdint>
#include <type_traits>

namespace connarena {

/// It sees no more of a plain write than that it is one, even where words are whole.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool under_thread_sanitizer = true;
#elif defined(__has_feature)
inline constexpr bool under_thread_sanitizer = __has_feature(thread_sanitizer);
#else
inline constexpr bool under_thread_sanitizer = false;
#endif

/// Pre: a word that the processor writes and reads at once.
template <typename Word>
[[nodiscard]] __attribute__((no_sanitize("thread"))) inline Word read_beside(
    const Word& count) noexcept {
  static_assert(std::is_trivially_copyable_v<Word> && sizeof(Word) <= sizeof(std::uint64_t));
  return *const_cast<const volatile Word*>(&count);
}

}  // namespace connarena
