#include "loads/mosquitto_load.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "loads/mqtt_packets.hpp"
#include "loads/text_query.hpp"
#include "net/client_engine.hpp"
#include "net/pattern.hpp"
#include "net/sockets.hpp"

namespace demo {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t topic_count = kept_connections;  // one brisk subscriber each
constexpr std::size_t publisher_count = 10;
constexpr std::size_t topics_per_publisher = topic_count / publisher_count;
constexpr std::size_t slow_per_topic = 6;
constexpr std::size_t wave_count = 6;
constexpr std::size_t messages_per_wave = 450;  // of each topic
constexpr std::size_t messages_per_batch = 2;   // of each topic
constexpr std::size_t least_payload_bytes = 1024;
constexpr std::size_t most_payload_bytes = 32 * 1024;
// mosquitto's listener queues 100 connections; one too many waits a second.
constexpr std::size_t most_joining = 50;
constexpr int quality = 1;
// mosquitto's max_inflight_messages: so many come without an acknowledgement.
constexpr std::size_t in_flight = 20;

enum class role { publisher, brisk_subscriber, slow_subscriber };

struct participant {
  role plays;
  std::size_t topic;  // a publisher's first
  std::size_t next_message;
};

std::string topic_name(std::size_t topic) { return "demo/topic/" + std::to_string(topic); }

std::string_view payload(std::size_t topic, std::size_t message) {
  const std::uint64_t key = message * topic_count + topic;
  return patterned_value(key, varied_size(key, least_payload_bytes, most_payload_bytes));
}

/// Ten publishers send to fifty topics. A brisk subscriber a topic takes every
/// message and acknowledges it. In each wave six slow ones a topic join, read
/// next to nothing, and leave; the broker keeps every message for them.
class mosquitto_load final : public load, private client_script {
 public:
  mosquitto_load() : engine_(*this) {}

  void start(const std::vector<std::string>& environment) override {
    port_ = free_port();
    const auto settings =
        folder().write("mosquitto.conf", "listener " + std::to_string(port_) +
                                             " 127.0.0.1\n"
                                             "allow_anonymous true\n"
                                             "persistence false\n"
                                             // Else Nagle's delay is what is measured.
                                             "set_tcp_nodelay true\n"
                                             "user root\n"
                                             "log_dest stderr\n"
                                             "log_type error\n");
    launch({"/usr/sbin/mosquitto", "-c", settings.string()}, environment);
    server().wait_until_listening(port_);
  }

  load_outcome work() override {
    const auto begin = std::chrono::steady_clock::now();
    join_brisk_and_publishers();
    for (std::size_t wave = 0; wave < wave_count; ++wave) run_wave(wave);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return {static_cast<double>(delivered_), took.count(), {}};
  }

  /// The brisk subscribers joined first: they are the ones kept.
  void close_connections() override { engine_.close_all_but(kept_connections); }

  /// mosquitto counts its live blocks and publishes their size every ten seconds.
  std::uint64_t held_bytes() override {
    const std::string topic = "$SYS/broker/heap/current";
    const std::string question = mqtt::connect("question") + mqtt::subscribe(topic, 0);
    return number_after(text_query(port_).ask(question, topic), topic);
  }

  /// Publishers come once more and send one batch to the subscribers that stayed.
  void use_kept_connections() override {
    join_publishers();
    publish_until(published_goal_ + messages_per_batch);
  }

 private:
  client& join(role plays, std::size_t topic, std::size_t next_message) {
    client& each = engine_.add(plain_stream(connect_to(port_)));
    participants_[&each] = {plays, topic, next_message};
    ++joining_;
    engine_.start(each);
    return each;
  }

  void await_joined() {
    engine_.run_until([this] { return joining_ == 0; }, 30s);
  }

  void join_brisk_and_publishers() {
    for (std::size_t topic = 0; topic < topic_count; ++topic) {
      join(role::brisk_subscriber, topic, 0);
    }
    await_joined();
    join_publishers();
  }

  void join_publishers() {
    publishers_.clear();
    for (std::size_t first = 0; first < topic_count; first += topics_per_publisher) {
      publishers_.push_back(&join(role::publisher, first, published_goal_));
    }
    await_joined();
  }

  void run_wave(std::size_t wave) {
    leave_slow();
    for (std::size_t i = 0; i < topic_count * slow_per_topic; ++i) {
      slow_.push_back(&join(role::slow_subscriber, i % topic_count, wave * messages_per_wave));
      if (joining_ == most_joining) await_joined();
    }
    await_joined();
    publish_until((wave + 1) * messages_per_wave);
  }

  void publish_until(std::size_t messages_of_each_topic) {
    published_goal_ = messages_of_each_topic;
    for (client* each : publishers_) engine_.start(*each);
    engine_.run_until([this] { return delivered_ == published_goal_ * topic_count; }, 60s);
  }

  void leave_slow() {
    for (client* each : slow_) {
      participants_.erase(each);
      engine_.close(*each);
    }
    slow_.clear();
  }

  bool next_exchange(client& each) override {
    participant& one = participants_.at(&each);
    if (each.exchanges == 0) {
      each.to_send.add_text(mqtt::connect("client-" + std::to_string(each.index)));
      each.expected.add_text(mqtt::connected());
      return true;
    }
    switch (one.plays) {
      case role::publisher:
        return publish_batch(each, one);
      case role::brisk_subscriber:
        return await_message(each, one);
      case role::slow_subscriber:
        return fall_behind(each, one);
    }
    return false;
  }

  bool publish_batch(client& each, participant& one) {
    if (each.exchanges == 1 && one.next_message == published_goal_) --joining_;
    if (one.next_message == published_goal_) return false;
    for (std::size_t i = 0; i < messages_per_batch; ++i, ++one.next_message) {
      for (std::size_t topic = one.topic; topic < one.topic + topics_per_publisher; ++topic) {
        const std::uint16_t identifier = mqtt::identifier(identifiers_++);
        add_message(each.to_send, topic, one.next_message, identifier);
        each.expected.add_text(mqtt::published(identifier));
      }
    }
    return true;
  }

  bool await_message(client& each, participant& one) {
    if (each.exchanges == 1) return subscribe(each, one);
    if (each.exchanges == 2) {
      --joining_;
    } else {
      ++delivered_;
      each.to_send.add_text(mqtt::published(mqtt::identifier(one.next_message - 1)));
    }
    add_message(each.expected, one.topic, one.next_message, mqtt::identifier(one.next_message));
    ++one.next_message;
    return true;
  }

  bool fall_behind(client& each, participant& one) {
    if (each.exchanges == 1) return subscribe(each, one);
    if (each.is_slow) return false;  // it read all that comes unacknowledged
    --joining_;
    each.is_slow = true;
    for (std::size_t i = 0; i < in_flight; ++i) {
      add_message(each.expected, one.topic, one.next_message + i, mqtt::identifier(i));
    }
    return true;
  }

  static bool subscribe(client& each, const participant& one) {
    each.to_send.add_text(mqtt::subscribe(topic_name(one.topic), quality));
    each.expected.add_text(mqtt::subscribed(quality));
    return true;
  }

  static void add_message(byte_queue& queue, std::size_t topic, std::size_t message,
                          std::uint16_t identifier) {
    const std::string_view bytes = payload(topic, message);
    queue.add_text(mqtt::publish_header(topic_name(topic), identifier, bytes.size()));
    queue.add_view(bytes);
  }

  void finished(client&) override {}

  int port_ = 0;
  client_engine engine_;
  std::map<const client*, participant> participants_;
  std::vector<client*> publishers_;
  std::vector<client*> slow_;
  std::size_t joining_ = 0;
  std::size_t published_goal_ = 0;  // messages of each topic
  std::size_t identifiers_ = 0;
  std::size_t delivered_ = 0;
};

}  // namespace

std::unique_ptr<load> make_mosquitto_load() { return std::make_unique<mosquitto_load>(); }

}  // namespace demo
