// limit_choice.hpp - what connections may hold: as it is set. Used by the preload library
// and the launcher.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace connarena::shim {

/// What becomes of a connection that passes its limit.
enum class over_limit : std::uint8_t { disconnects, fails };

inline constexpr const char* accepted_over_limit = "disconnect or fail";

[[nodiscard]] inline bool read_over_limit(const char* word, over_limit& to) noexcept {
  const bool is_fail = std::strcmp(word, "fail") == 0;
  if (!is_fail && std::strcmp(word, "disconnect") != 0) return false;
  to = is_fail ? over_limit::fails : over_limit::disconnects;
  return true;
}

struct limit_choice {
  std::size_t limit_bytes = SIZE_MAX;   ///< for each connection; SIZE_MAX: none
  std::size_t budget_bytes = SIZE_MAX;  ///< for all
  over_limit over = over_limit::disconnects;
};

}  // namespace connarena::shim
