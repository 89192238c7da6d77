// misuse_case.hpp - one way to misuse the library, run in a process of its own.
//
// A case announces the address that the message should name, then commits the
// fault. Returning means that the fault was not detected.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace misuse {

struct misuse_case {
  std::string_view name;
  void (*commit)();
};

/// Writes the address to standard output, where the parent reads it.
void announce(const void* address);

[[nodiscard]] std::span<const misuse_case> cases_of_c_api();
[[nodiscard]] std::span<const misuse_case> cases_of_arena();

}  // namespace misuse
