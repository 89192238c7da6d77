// memcached_load.hpp - memcached: large values over waves of connections.
//
// Its memory is its own slabs, which no allocator can return.
#pragma once

#include <memory>

#include "loads/load.hpp"

namespace demo {

[[nodiscard]] std::unique_ptr<load> make_memcached_load();

}  // namespace demo
