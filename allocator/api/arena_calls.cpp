#include "api/arena_calls.hpp"

#include "api/api_table.hpp"

namespace connarena {

constinit const arena_calls* arenas = &calls_of_lanes;

namespace {

/// Once it is chosen who serves the process.
[[gnu::constructor(102)]] void choose() noexcept {
  if (api != &own_api) arenas = &calls_of_handles;
}

}  // namespace
}  // namespace connarena
