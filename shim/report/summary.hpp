// summary.hpp - a report as people read it. Used by the preload library and the
// launcher; allocates nothing.
#pragma once

#include "shim/report/counters.hpp"
#include "shim/settings/text.hpp"

namespace connarena::shim::report {

using summary_text = text<1200>;
using value_text = text<40>;

/// One decimal: 12.3 MiB.
[[nodiscard]] value_text bytes_text(std::uint64_t bytes) noexcept;

[[nodiscard]] summary_text summary_of(const counters& figures) noexcept;

}  // namespace connarena::shim::report
