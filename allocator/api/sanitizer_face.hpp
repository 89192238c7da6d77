// sanitizer_face.hpp - what serves arenas in a program that is compiled with
// AddressSanitizer.
#pragma once

#include "api/face.hpp"

namespace connarena {

/// The face of a program with AddressSanitizer; null in any other. Called once, as the
/// process starts.
[[nodiscard]] const c_face* sanitizer_face() noexcept;

}  // namespace connarena
