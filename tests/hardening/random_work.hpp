// random_work.hpp - all ways between arenas, as chance has it.
#pragma once

#include "hardening/ways.hpp"

namespace hardening {

[[nodiscard]] finding random_work();

}  // namespace hardening
