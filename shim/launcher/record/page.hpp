// page.hpp - a recording as one page of HTML that needs nothing else.
#pragma once

#include <string>

#include "shim/launcher/record/page_parts.hpp"
#include "shim/launcher/record/record_file.hpp"

namespace connarena::launcher {

[[nodiscard]] std::string page_of(const recording& what, const page_parts& parts);

}  // namespace connarena::launcher
