// mqtt_packets.hpp - the few packets of MQTT 3.1.1 that the load exchanges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace demo::mqtt {

/// A packet identifier: 1, 2, … 65535, 1, … for message 0, 1, …
[[nodiscard]] std::uint16_t identifier(std::size_t message) noexcept;

[[nodiscard]] std::string connect(std::string_view client_name);
[[nodiscard]] std::string connected();
[[nodiscard]] std::string subscribe(std::string_view topic, int quality);
[[nodiscard]] std::string subscribed(int quality);

/// All of a PUBLISH with quality of service 1 but its payload, which follows.
[[nodiscard]] std::string publish_header(std::string_view topic, std::uint16_t identifier,
                                         std::size_t payload_bytes);
[[nodiscard]] std::string published(std::uint16_t identifier);

}  // namespace demo::mqtt
