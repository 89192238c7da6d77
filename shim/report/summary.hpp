// summary.hpp - a report as people read it. Used by the preload library and the
// launcher; allocates nothing.
#pragma once

#include "shim/report/counters.hpp"
#include "shim/text.hpp"

namespace connarena::shim::report {

using summary_text = text<1200>;

[[nodiscard]] summary_text summary_of(const counters& figures) noexcept;

}  // namespace connarena::shim::report
