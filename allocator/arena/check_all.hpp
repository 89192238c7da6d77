// check_all.hpp - every invariant of the core at once, for the tests.
#pragma once

#include <cstdint>

namespace connarena {

/// What other threads do meanwhile.
enum class others : std::uint8_t {
  work,      ///< arenas for one thread are theirs, and counts do not stand still
  are_still  ///< nor is there one that vanished in a fork
};

/// Nothing where the build checks no invariants. Pre: the calling thread is inside nothing.
void check_all(others meanwhile) noexcept;

}  // namespace connarena
