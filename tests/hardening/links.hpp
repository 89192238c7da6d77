// links.hpp - what is to be learnt from the links of free lists, and done with them.
#pragma once

#include <span>

#include "hardening/ways.hpp"

namespace hardening {

/// Blocks that are handed out with a link that a free left: `secret`, if one is readable.
[[nodiscard]] std::span<const way> readable_links();

/// Writes into a freed block what leads to another arena's: `secret`, if that is handed out.
[[nodiscard]] std::span<const way> forged_links();

}  // namespace hardening
