// mosquitto delivers every message to many subscribers, in order.
#include <fstream>

#include "programs/ended_connections.hpp"
#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

using programs::port_number;
using programs::start;
using programs::tcp_client;

constexpr unsigned subscribers = 50;
constexpr unsigned messages = 100;
constexpr unsigned rounds = 3;

std::string field(const std::string& text) {
  return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xFF)} +
         text;
}

/// An MQTT 3.1.1 packet: type and flags, the length in 7-bit digits, the body.
std::string packet(unsigned type, const std::string& body) {
  std::string text(1, static_cast<char>(type));
  std::size_t left = body.size();
  do {
    const std::size_t digit = left % 128;
    left /= 128;
    text.push_back(static_cast<char>(left > 0 ? digit | 0x80 : digit));
  } while (left > 0);
  return text + body;
}

class mqtt_client {
 public:
  mqtt_client(port_number port, const std::string& name) : link_(port) {
    using namespace std::string_literals;
    link_.send(packet(0x10, field("MQTT") + "\x04\x02\0\x3c"s + field(name)));
    EXPECT_EQ(receive_body(0x20), "\0\0"s);
  }

  void subscribe(const std::string& topic) {
    using namespace std::string_literals;
    link_.send(packet(0x82, "\0\x01"s + field(topic) + "\0"s));
    EXPECT_EQ(receive_body(0x90), "\0\x01\0"s);
  }
  void publish(const std::string& topic, const std::string& payload) {
    link_.send(packet(0x30, field(topic) + payload));
  }
  /// The topic's field and the payload.
  [[nodiscard]] std::string receive_message() { return receive_body(0x30); }

 private:
  std::string receive_body(unsigned expected_type) {
    EXPECT_EQ(static_cast<unsigned char>(link_.receive(1)[0]), expected_type);
    std::size_t length = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto digit = static_cast<unsigned char>(link_.receive(1)[0]);
      length |= std::size_t{digit & 0x7Fu} << shift;
      if (digit < 0x80) return link_.receive(length);
    }
  }

  tcp_client link_;
};

std::string payload_of(unsigned number) {
  return std::to_string(number) + ":" +
         std::string(100 + number * 211 % 20000, static_cast<char>('a' + number % 26));
}

class mosquitto : public ::testing::TestWithParam<start> {};

TEST_P(mosquitto, delivers_every_message_in_order) {
  CONNARENA_NEEDS_PROGRAM("mosquitto");
  const programs::scratch_folder folder;
  const port_number port = programs::free_port();
  std::ofstream(folder.file("conf")) << "listener " << port << " 127.0.0.1\n"
                                     << "allow_anonymous true\nmax_queued_messages 0\n";
  harness::background_process server(
      {{"mosquitto", "-c", folder.file("conf")}, programs::reporting_environment(GetParam())},
      folder.file("log"));
  ASSERT_TRUE(programs::is_listening(port)) << server.log();
  for (unsigned round = 0; round < rounds; ++round) {
    std::vector<mqtt_client> listening;
    listening.reserve(subscribers);
    for (unsigned i = 0; i < subscribers; ++i) {
      listening.emplace_back(port, "s" + std::to_string(i)).subscribe("news");
    }
    mqtt_client publisher(port, "publisher");
    for (unsigned i = 0; i < messages; ++i) publisher.publish("news", payload_of(i));
    // The last fifth never reads: it leaves with its queue full.
    for (unsigned reader = 0; reader < subscribers * 4 / 5; ++reader) {
      for (unsigned i = 0; i < messages; ++i) {
        ASSERT_TRUE(listening[reader].receive_message() == field("news") + payload_of(i))
            << "message " << i << " to subscriber " << reader;
      }
    }
  }
  const harness::outcome ended = stop_when_all_have_closed(server, GetParam(), 2);
  EXPECT_EQ(ended.exit_code, 0) << harness::describe(ended);
}

INSTANTIATE_TEST_SUITE_P(started, mosquitto, ::testing::Values(start::alone, start::preloaded),
                         programs::name_of);

}  // namespace
