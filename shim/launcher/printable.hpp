// printable.hpp - names that others chose, as they may be shown on a terminal.
#pragma once

#include <string>
#include <string_view>

#include "shim/settings/text.hpp"

namespace connarena::launcher {

/// What is no printable ASCII becomes \xNN: a name can neither end a line nor move the
/// terminal's cursor.
[[nodiscard]] inline std::string printable(std::string_view name) {
  std::string shown;
  for (const char& each : name) shown += shim::text<4>{}.add_name(&each, 1).c_str();
  return shown;
}

}  // namespace connarena::launcher
