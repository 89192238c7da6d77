// figures.hpp - numbers as the tables show them.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace attribution {

[[nodiscard]] inline std::string one_decimal(double value, const char* format = "%.1f") {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

[[nodiscard]] inline std::string kib(double bytes) { return one_decimal(bytes / 1024); }

/// Two decimals: a target is 99.
[[nodiscard]] inline std::string percent(std::uint64_t part, std::uint64_t whole) {
  return one_decimal(100 * static_cast<double>(part) / static_cast<double>(whole), "%.2f");
}

/// By how much ours is off, with its sign.
[[nodiscard]] inline std::string error_percent(double ours, double theirs) {
  return one_decimal(100 * (ours - theirs) / theirs, "%+.1f%%");
}

}  // namespace attribution
