// ways.hpp - the ways by which memory goes from one arena to another.
#pragma once

#include <span>
#include <string_view>

namespace hardening {

/// What the second arena read of the first one's bytes.
enum class finding : int {
  nothing = 0,
  secret = 1,
  not_tried = 2,  ///< the memory did not go this way
};

struct way {
  std::string_view name;
  finding (*walk)();
};

[[nodiscard]] std::span<const way> ways();

}  // namespace hardening
