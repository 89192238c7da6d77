// named_arenas.hpp - the arenas that the program itself opens under a name.
#pragma once

namespace connarena::shim::report {

/// From now on they are counted in the ledger, by name. Pre: there is one.
void watch_named_arenas() noexcept;

}  // namespace connarena::shim::report
