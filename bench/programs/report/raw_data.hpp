// raw_data.hpp - everything measured, as JSON, for whoever wants to check.
#pragma once

#include <filesystem>

#include "report/machine.hpp"
#include "report/results.hpp"

namespace demo {

void write_raw_data(const results& all, const machine& measured_on,
                    const std::filesystem::path& file);

}  // namespace demo
