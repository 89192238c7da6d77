// named_case.hpp - a program of this folder that runs the one case its argument names,
// and ends with the case's exit code.
#pragma once

#include <cstddef>
#include <string_view>

namespace programs {

inline constexpr int not_preloaded = 20;
inline constexpr int no_such_case = 21;

struct named_case {
  std::string_view name;
  int (*run)();
};

template <std::size_t Count>
[[nodiscard]] int run_named(const named_case (&cases)[Count], int count, char** words) {
  for (const named_case& each : cases) {
    if (count == 2 && each.name == words[1]) return each.run();
  }
  return no_such_case;
}

}  // namespace programs
