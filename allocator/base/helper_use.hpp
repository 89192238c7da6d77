// helper_use.hpp - whether a helper thread may return idle memory: see arena/helper.hpp.
#pragma once

#include <cstdint>

namespace connarena {

enum class helper_use : std::uint8_t {
  automatic,  ///< in a process that has threads already
  on,         ///< in any
  off,
};
inline constexpr helper_use default_helper_use = helper_use::automatic;

}  // namespace connarena
