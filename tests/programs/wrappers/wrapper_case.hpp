// wrapper_case.hpp - one case for each function that the preload library replaces.
//
// A case is named by the function's symbol and holds only where a call of it has
// reached the preload library: the C library's own, or the next allocator's, has
// not the effect. Each runs in a process of its own.
#pragma once

#include <span>

namespace wrappers {

struct wrapper_case {
  const char* name;
  bool (*holds)();
};

using case_list = std::span<const wrapper_case>;

[[nodiscard]] case_list memory_cases();
[[nodiscard]] case_list operator_cases();
[[nodiscard]] case_list jemalloc_cases();
[[nodiscard]] case_list socket_cases();
[[nodiscard]] case_list transfer_cases();
[[nodiscard]] case_list wait_cases();
[[nodiscard]] case_list pause_cases();
[[nodiscard]] case_list waking_cases();
[[nodiscard]] case_list jump_cases();
[[nodiscard]] case_list close_cases();
[[nodiscard]] case_list opening_cases();
[[nodiscard]] case_list signal_cases();
[[nodiscard]] case_list process_cases();

}  // namespace wrappers
