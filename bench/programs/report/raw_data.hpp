// raw_data.hpp - everything measured, as JSON, for whoever wants to check.
#pragma once

#include <filesystem>

#include "report/machine.hpp"
#include "report/results.hpp"

namespace demo {

/// Replaces the file as a whole: a reader never sees half of it.
void write_raw_data(const results& all, const machine& measured_on,
                    const std::filesystem::path& file);

/// What write_raw_data wrote, but for failures that are no trial's.
/// Fails: throws if there is no such file, or it is no raw data.
[[nodiscard]] results read_raw_data(const std::filesystem::path& file);

}  // namespace demo
