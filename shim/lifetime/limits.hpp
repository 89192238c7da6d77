// limits.hpp - what connections may hold, each and all together, and which of them has to go.
//
// Under a budget the largest goes first, and counts no more from then on; never one that is
// exempt. Threads: any; in signal handlers, too.
#pragma once

#include "shim/lifetime/current_limits.hpp"

namespace connarena::shim {

/// Sets them from the settings, before there are connections.
void start_limits() noexcept;

/// Sets them while there are connections: each is looked at, and goes if it holds too much.
/// Pre: not inside the core.
void change_limits(const limit_choice& to) noexcept;

}  // namespace connarena::shim
