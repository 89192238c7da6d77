// guards.hpp - touches beside a large run: the process ends at a guard.
#pragma once

#include <span>
#include <string_view>

namespace hardening {

struct guard_case {
  std::string_view name;
  void (*touch)();
};

[[nodiscard]] std::span<const guard_case> guard_cases();

}  // namespace hardening
