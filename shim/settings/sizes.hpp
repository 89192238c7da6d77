// sizes.hpp - sizes as people write them: 4096, 4K, 2M, 1G. Used by the preload
// library and the launcher.
#pragma once

#include "api/written_amounts.hpp"

namespace connarena::shim {

using connarena::accepted_sizes;
using connarena::parse_size;

}  // namespace connarena::shim
