// summary.hpp - a report as people read it. Used by the preload library and the
// launcher; allocates nothing.
#pragma once

#include "shim/report/totals.hpp"
#include "shim/settings/text.hpp"

namespace connarena::shim::report {

using summary_text = text<2400>;
using value_text = text<60>;

/// One decimal: 12.3 MiB.
[[nodiscard]] value_text bytes_text(std::uint64_t bytes) noexcept;

/// 12.3 s.
[[nodiscard]] value_text seconds_text(std::int64_t ns) noexcept;

/// What it comes to, in a line: how much of the peak is the system's again, or why none is.
using outcome_text = text<200>;
[[nodiscard]] outcome_text outcome_of(const totals& of) noexcept;

[[nodiscard]] summary_text summary_of(const totals& of) noexcept;

}  // namespace connarena::shim::report
