// footprint.hpp - the process's footprint, for a report.
//
// The core's own figure visits every open arena: with many that takes longer than
// what a connection does. So it is asked for rarely, and tells how far the counts
// that can be read at any time are from it.
#pragma once

#include <cstddef>

namespace connarena::shim::report {

/// From the counts, corrected by what the arenas last told. Asks them where that is
/// due and the caller did not interrupt the core: it takes a hundredth of the time.
[[nodiscard]] std::size_t footprint_bytes() noexcept;

/// The core's own figure. Pre: the caller did not interrupt the core.
[[nodiscard]] std::size_t exact_footprint_bytes() noexcept;

}  // namespace connarena::shim::report
