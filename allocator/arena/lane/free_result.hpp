// free_result.hpp - how a free went: one answer, whoever frees, and whatever.
#pragma once

#include <cstdint>

namespace connarena {

enum class free_result : std::uint8_t {
  none,      ///< nothing was done: no such block is there, or it has moved meanwhile
  owned,     ///< it was a block of an open arena
  survivor,  ///< it was a small block of an arena that has ended
  unowned,   ///< it was an unowned run, as an ended arena leaves them
  late,      ///< it had been retired: counted, and nothing else was done
};

}  // namespace connarena
