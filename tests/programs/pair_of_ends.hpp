// pair_of_ends.hpp - connections within one program, for cases of named_case.hpp.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdlib>

namespace programs {

/// The exit code where the system refuses what a case cannot do without.
inline constexpr int refused = 19;

inline void expect(bool is_done) {
  if (!is_done) std::exit(refused);
}

using pair_of_ends = std::array<int, 2>;

inline pair_of_ends connect_pair() {
  pair_of_ends ends{};
  expect(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  return ends;
}

}  // namespace programs
