// written_amounts.hpp - sizes and times as people write them in settings.
#pragma once

#include <cstddef>
#include <cstdint>

namespace connarena {

namespace detail {
/// The digits at the start of a text, and what follows. False if there are none, or too many.
[[nodiscard]] constexpr bool read_digits(const char*& at, std::size_t& value) noexcept {
  const char* const start = at;
  value = 0;
  for (; *at >= '0' && *at <= '9'; ++at) {
    const auto digit = static_cast<std::size_t>(*at - '0');
    if (__builtin_mul_overflow(value, std::size_t{10}, &value)) return false;
    if (__builtin_add_overflow(value, digit, &value)) return false;
  }
  return at != start;
}

[[nodiscard]] constexpr unsigned shift_of_unit(char unit) noexcept {
  if (unit == 'k' || unit == 'K') return 10;
  if (unit == 'm' || unit == 'M') return 20;
  return unit == 'g' || unit == 'G' ? 30 : 0;
}
}  // namespace detail

/// What to answer to one who wrote something else.
inline constexpr const char* accepted_sizes = "a number of bytes, as 4096, 4K, 2M or 1G";
inline constexpr const char* accepted_times = "a time up to a day, as 480ms or 2s";

/// Reads a size. False, and `bytes` as it was, if it is not written as above.
[[nodiscard]] constexpr bool parse_size(const char* text, std::size_t& bytes) noexcept {
  std::size_t value = 0;
  if (!detail::read_digits(text, value)) return false;
  const unsigned shift = detail::shift_of_unit(*text);
  if (shift != 0) ++text;
  if (*text != '\0' || (value << shift) >> shift != value) return false;
  bytes = value << shift;
  return true;
}

/// The same of a time.
[[nodiscard]] constexpr bool parse_time(const char* text, std::int64_t& ns) noexcept {
  constexpr std::size_t most_ms = std::size_t{24} * 60 * 60 * 1000;
  std::size_t value = 0;
  if (!detail::read_digits(text, value) || value > most_ms) return false;
  const bool is_ms = text[0] == 'm' && text[1] == 's' && text[2] == '\0';
  if (!is_ms && !(text[0] == 's' && text[1] == '\0')) return false;
  const std::size_t ms = is_ms ? value : value * 1000;
  if (ms > most_ms) return false;
  ns = static_cast<std::int64_t>(ms) * 1'000'000;
  return true;
}

}  // namespace connarena
