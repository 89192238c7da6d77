// mosquitto_load.hpp - mosquitto: slow subscribers, whose queues grow, leave.
#pragma once

#include <memory>

#include "loads/load.hpp"

namespace demo {

[[nodiscard]] std::unique_ptr<load> make_mosquitto_load();

}  // namespace demo
