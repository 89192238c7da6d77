// page_parts_missing.cpp - stands in for page_parts.cpp where uPlot could not be had.
#include "shim/launcher/record/page_parts.hpp"

namespace connarena::launcher {

const page_parts* built_in_page() { return nullptr; }

}  // namespace connarena::launcher
