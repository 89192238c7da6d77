// pictures.hpp - resident memory over time, a picture per program, by gnuplot.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "loads/load.hpp"
#include "process/allocator_choice.hpp"
#include "report/results.hpp"

namespace demo {

/// Draws PROGRAM.svg and PROGRAM.png in that folder, a line per allocator: the
/// round with the median peak. False, with a line on stderr, if gnuplot fails.
[[nodiscard]] bool draw_picture(const results& all, const program& what,
                                const std::vector<allocator_choice>& allocators,
                                const std::filesystem::path& folder);

}  // namespace demo
