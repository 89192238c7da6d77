// kafka_load.hpp - a librdkafka client, whose brokers close its connections.
#pragma once

#include <memory>

#include "loads/load.hpp"

namespace demo {

/// The client to be measured; the cluster beside it is another program.
[[nodiscard]] std::string kafka_client_path();

[[nodiscard]] std::unique_ptr<load> make_kafka_load();

}  // namespace demo
