// kinds.hpp - tests of these servers that are run with either kind of memory.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "moving/session.hpp"

namespace moving {

inline auto kinds() { return ::testing::Values(memory_of::arena, memory_of::process); }

[[nodiscard]] inline std::string name_of_kind(const ::testing::TestParamInfo<memory_of>& kind) {
  return kind.param == memory_of::arena ? "arenas" : "malloc";
}

}  // namespace moving
