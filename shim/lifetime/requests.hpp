// requests.hpp - what the process is asked to do through its live figures: see
// allocator/live/requests.hpp.
#pragma once

#include "live/segment.hpp"

namespace connarena::shim {

/// Carries out what is asked, if anything is. Threads: one at a time, not inside the core.
void answer_request(live::request_box& in) noexcept;

}  // namespace connarena::shim
