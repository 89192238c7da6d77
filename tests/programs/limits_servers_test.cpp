// Servers under a budget, and clients that want all of their memory: one that asks and does
// not read, and one whose request never ends. The others go on as if they were alone.
#include <fstream>
#include <functional>
#include <regex>
#include <stdexcept>

#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

using programs::port_number;
using programs::tcp_client;

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::size_t budget_bytes = 32 * mib;
constexpr std::size_t attack_bytes = 100'000;  ///< a step of each attacker's
constexpr int attack_steps = 1500;

/// The most that was ever resident.
std::size_t peak_bytes(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    if (word == "VmHWM:" && status >> word) return std::stoul(word) * 1024;
  }
  return 0;
}

/// A client that sends until it is sent away.
class attacker {
 public:
  attacker(port_number port, const std::string& beginning) : client_(port) { send(beginning); }
  void send(const std::string& bytes) {
    if (is_gone_) return;
    try {
      client_.send(bytes);
    } catch (const std::runtime_error&) {
      is_gone_ = true;
    }
  }
  [[nodiscard]] bool is_gone() const { return is_gone_; }

 private:
  tcp_client client_;
  bool is_gone_ = false;
};

/// What a server is, and how it is attacked.
struct target {
  std::function<std::vector<std::string>(port_number, const programs::scratch_folder&)> command;
  std::function<void(port_number)> prepare;
  std::string unread_beginning, unread_step;    ///< of who does not read
  std::string endless_beginning, endless_step;  ///< of whose request does not end
  std::function<void(tcp_client&, int)> greet = [](tcp_client&, int) {};
  std::function<void(tcp_client&, int)> ask;  ///< asks a question, and checks the answer
};

/// How the attack went.
struct course {
  std::size_t before_bytes = 0, peak_bytes = 0;
  bool are_attackers_gone = false;
  std::size_t disconnected = 0;
};

course attack(const target& on, bool is_bounded) {
  const programs::scratch_folder folder;
  const port_number port = programs::free_port();
  std::vector<std::string> environment = {"LD_PRELOAD=" PRELOAD_LIBRARY, "CONNARENA_SMALL=on"};
  if (is_bounded) environment.push_back("CONNARENA_BUDGET=" + std::to_string(budget_bytes));
  harness::background_process server({on.command(port, folder), environment}, folder.file("log"));
  course seen;
  if (!programs::is_listening(port)) {
    ADD_FAILURE() << server.log();
    return seen;
  }
  on.prepare(port);
  std::vector<tcp_client> calm;
  for (int i = 0; i < 20; ++i) calm.emplace_back(port);
  for (int i = 0; i < 20; ++i) {
    on.greet(calm[static_cast<std::size_t>(i)], i);
    on.ask(calm[static_cast<std::size_t>(i)], i);
  }
  seen.before_bytes = peak_bytes(server.pid());
  attacker unread(port, on.unread_beginning);
  attacker endless(port, on.endless_beginning);
  const auto are_gone = [&] { return unread.is_gone() && endless.is_gone(); };
  for (int step = 0; step < attack_steps && !are_gone(); ++step) {
    unread.send(on.unread_step);
    endless.send(on.endless_step);
    on.ask(calm[static_cast<std::size_t>(step % 20)], step);
  }
  seen.are_attackers_gone = are_gone();
  for (int i = 0; i < 20; ++i) on.ask(calm[static_cast<std::size_t>(i)], i);
  seen.peak_bytes = peak_bytes(server.pid());
  EXPECT_TRUE(server.is_running()) << server.log();
  const std::string log = server.log();
  const std::regex line(
      "connarena: disconnected 127[.]0[.]0[.]1:[0-9]+, which held [0-9.]+ MiB: "
      "the budget is 32[.]0 MiB\n");
  seen.disconnected = static_cast<std::size_t>(
      std::distance(std::sregex_iterator(log.begin(), log.end(), line), {}));
  static_cast<void>(server.stop());
  return seen;
}

void expect_bounded(const target& on) {
  const course bounded = attack(on, true);
  EXPECT_TRUE(bounded.are_attackers_gone);
  EXPECT_EQ(bounded.disconnected, 2u);
  EXPECT_LE(bounded.peak_bytes, bounded.before_bytes + budget_bytes * 11 / 10);
  const course unbounded = attack(on, false);
  EXPECT_FALSE(unbounded.are_attackers_gone);
  EXPECT_EQ(unbounded.disconnected, 0u);
  EXPECT_GE(unbounded.peak_bytes, unbounded.before_bytes + 3 * budget_bytes);
}

std::string redis_command(const std::vector<std::string>& words) {
  std::string text = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return text;
}

TEST(budget, of_redis_holds_against_clients_that_want_it_all) {
  CONNARENA_NEEDS_PROGRAM("redis-server");
  // A long key, so that one look of the server's at its input asks for little.
  const std::string key(1000, 'k');
  target redis;
  redis.command = [](port_number port, const programs::scratch_folder& folder) {
    return std::vector<std::string>{
        "redis-server", "--port", std::to_string(port), "--bind", "127.0.0.1",
        "--save",       "",       "--appendonly",       "no",     "--dir",
        folder.file("")};
  };
  redis.prepare = [&](port_number port) {
    tcp_client client(port);
    client.send(redis_command({"SET", key, std::string(attack_bytes, 'v')}));
    ASSERT_EQ(client.receive_line(), "+OK");
  };
  redis.unread_step = redis_command({"GET", key});
  redis.endless_beginning = "*100000\r\n";
  redis.endless_step =
      "$" + std::to_string(attack_bytes) + "\r\n" + std::string(attack_bytes, 'x') + "\r\n";
  redis.ask = [](tcp_client& client, int number) {
    const std::string name = "calm" + std::to_string(number % 20);
    const std::string value(static_cast<std::size_t>(100 + number * 37 % 9000), 'a');
    client.send(redis_command({"SET", name, value}) + redis_command({"GET", name}));
    ASSERT_EQ(client.receive_line(), "+OK");
    ASSERT_EQ(client.receive_line(), "$" + std::to_string(value.size()));
    ASSERT_EQ(client.receive(value.size() + 2), value + "\r\n");
  };
  expect_bounded(redis);
}

std::string mqtt_field(const std::string& text) {
  return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xFF)} +
         text;
}

std::string mqtt_length(std::size_t bytes) {
  std::string text;
  do {
    const std::size_t digit = bytes % 128;
    bytes /= 128;
    text.push_back(static_cast<char>(bytes > 0 ? digit | 0x80 : digit));
  } while (bytes > 0);
  return text;
}

std::string mqtt_packet(unsigned type, const std::string& body) {
  return std::string(1, static_cast<char>(type)) + mqtt_length(body.size()) + body;
}

std::string mqtt_hello(const std::string& name) {
  using namespace std::string_literals;
  return mqtt_packet(0x10, mqtt_field("MQTT") + "\x04\x02\0\x3c"s + mqtt_field(name));
}

std::string mqtt_subscription(const std::string& topic) {
  using namespace std::string_literals;
  return mqtt_packet(0x82, "\0\x01"s + mqtt_field(topic) + "\0"s);
}

TEST(budget, of_mosquitto_holds_against_clients_that_want_it_all) {
  CONNARENA_NEEDS_PROGRAM("mosquitto");
  using namespace std::string_literals;
  target broker;
  broker.command = [](port_number port, const programs::scratch_folder& folder) {
    std::ofstream(folder.file("conf"))
        << "listener " << port << " 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n";
    return std::vector<std::string>{"mosquitto", "-c", folder.file("conf")};
  };
  broker.prepare = [](port_number) {};
  broker.unread_beginning = mqtt_hello("unread") + mqtt_subscription("own");
  broker.unread_step = mqtt_packet(0x30, mqtt_field("own") + std::string(attack_bytes, 'x'));
  broker.endless_beginning = mqtt_hello("endless") + "\x30"s + mqtt_length(200 * mib);
  broker.endless_step = std::string(attack_bytes, 'x');
  // Each sends messages to itself.
  broker.greet = [](tcp_client& client, int number) {
    const std::string topic = "calm" + std::to_string(number % 20);
    client.send(mqtt_hello(topic) + mqtt_subscription(topic));
    ASSERT_EQ(client.receive(4 + 5), "\x20\x02\0\0\x90\x03\0\x01\0"s);
  };
  broker.ask = [](tcp_client& client, int number) {
    const std::string topic = "calm" + std::to_string(number % 20);
    const std::string message = mqtt_packet(
        0x30, mqtt_field(topic) + std::string(static_cast<std::size_t>(number * 37 % 9000), 'a'));
    client.send(message);
    ASSERT_EQ(client.receive(message.size()), message);
  };
  expect_bounded(broker);
}

}  // namespace
