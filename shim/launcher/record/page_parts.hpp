// page_parts.hpp - what the page of a recording is made of, built in.
#pragma once

#include <string_view>

namespace connarena::launcher {

struct page_parts {
  std::string_view frame, style, script;
  std::string_view chart_style, chart_script;  ///< uPlot's
};

/// Null where this was built without uPlot.
[[nodiscard]] const page_parts* built_in_page();

}  // namespace connarena::launcher
