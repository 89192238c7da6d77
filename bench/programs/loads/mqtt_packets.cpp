#include "loads/mqtt_packets.hpp"

namespace demo::mqtt {
namespace {

// The first byte of a packet: its type in the upper half, flags in the lower.
constexpr char connect_type = 0x10;
constexpr char connected_type = 0x20;
constexpr char publish_type_quality_1 = 0x32;
constexpr char published_type = 0x40;
constexpr char subscribe_type = static_cast<char>(0x82);
constexpr char subscribed_type = static_cast<char>(0x90);

std::string two_bytes(std::size_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)};
}

std::string counted(std::string_view text) { return two_bytes(text.size()) + std::string(text); }

/// Type and length; the length is in groups of seven bits, the lowest first.
std::string head(char type, std::size_t rest_bytes) {
  std::string text(1, type);
  do {
    const std::size_t group = rest_bytes & 0x7F;
    rest_bytes >>= 7;
    text += static_cast<char>(rest_bytes > 0 ? group | 0x80 : group);
  } while (rest_bytes > 0);
  return text;
}

std::string packet(char type, const std::string& rest) { return head(type, rest.size()) + rest; }

}  // namespace

std::uint16_t identifier(std::size_t message) noexcept {
  return static_cast<std::uint16_t>(message % 65535 + 1);
}

std::string connect(std::string_view client_name) {
  const std::string protocol = counted("MQTT") + '\4';
  const std::string clean_session(1, '\2');
  const std::string no_keep_alive = two_bytes(0);
  return packet(connect_type, protocol + clean_session + no_keep_alive + counted(client_name));
}

std::string connected() { return packet(connected_type, two_bytes(0)); }

std::string subscribe(std::string_view topic, int quality) {
  return packet(subscribe_type, two_bytes(1) + counted(topic) + static_cast<char>(quality));
}

std::string subscribed(int quality) {
  return packet(subscribed_type, two_bytes(1) + static_cast<char>(quality));
}

std::string publish_header(std::string_view topic, std::uint16_t identifier,
                           std::size_t payload_bytes) {
  const std::string rest = counted(topic) + two_bytes(identifier);
  return head(publish_type_quality_1, rest.size() + payload_bytes) + rest;
}

std::string published(std::uint16_t identifier) {
  return packet(published_type, two_bytes(identifier));
}

}  // namespace demo::mqtt
