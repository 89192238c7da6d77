// uncommon_calls.hpp - calls that few programs need: see os.hpp. For the system's layer.
#pragma once

#include <cstddef>

#include "base/allowance.hpp"
#include "os/os.hpp"

namespace connarena::os {

/// What filters say of them; os.hpp tells who allows them at all.
extern constinit allowance uncommon_calls;

/// How many of the first stretches have gone, in one call; 0 where that cannot be.
[[nodiscard]] std::size_t purge_in_one_call(const stretch* all, std::size_t count) noexcept;

}  // namespace connarena::os
