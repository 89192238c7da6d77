// survivor_sites.hpp - where what survived its connection was allocated: the call sites of a
// report, by name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shim/report/ledger.hpp"

namespace connarena::launcher {

struct survivor_site {
  std::uint64_t blocks, bytes, connections;
  std::vector<std::string> frames;  ///< the innermost first
};

/// The one that left most bytes first.
[[nodiscard]] std::vector<survivor_site> survivor_sites(const shim::report::ledger& family);

}  // namespace connarena::launcher
