// sanitizer_api.hpp - what serves arenas in a program that is compiled with
// AddressSanitizer.
#pragma once

#include "api/api_table.hpp"

namespace connarena {

/// The table of a program with AddressSanitizer; null in any other. Called once, as the
/// process starts.
[[nodiscard]] const api_table* sanitizer_api() noexcept;

}  // namespace connarena
