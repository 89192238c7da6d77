// random_seed.hpp - the seed of a random test: printed, and taken from
// CONNARENA_SEED where that is set.
#pragma once

#include <cstdint>

namespace harness {

[[nodiscard]] std::uint64_t random_seed();

}  // namespace harness
