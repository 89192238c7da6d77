// redis_load.hpp - redis-server: 3,000 connections, large values, slow readers.
#pragma once

#include <memory>

#include "loads/load.hpp"

namespace demo {

enum class at_the_end { flush_keys, keep_keys };

[[nodiscard]] std::unique_ptr<load> make_redis_load(at_the_end what);

}  // namespace demo
