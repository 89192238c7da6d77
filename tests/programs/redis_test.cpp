// redis-server gives the right answers to many connections.
#include "harness/pattern.hpp"
#include "programs/ended_connections.hpp"
#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

using programs::start;
using programs::tcp_client;

constexpr unsigned connections = 200;
constexpr unsigned rounds = 5;

std::string value_of(unsigned key, std::size_t bytes) {
  std::string value(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) {
    value[i] = static_cast<char>(harness::pattern_byte(key, i));
  }
  return value;
}

std::string command(const std::vector<std::string>& words) {
  std::string text = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return text;
}

/// A server on a free port.
class redis_server {
 public:
  explicit redis_server(start how)
      : port(programs::free_port()),
        process({{"redis-server", "--port", std::to_string(port), "--bind", "127.0.0.1", "--save",
                  "", "--appendonly", "no", "--dir", folder.file("")},
                 programs::reporting_environment(how)},
                folder.file("log")) {}

 private:
  const programs::scratch_folder folder;

 public:
  const programs::port_number port;
  harness::background_process process;
};

/// A client that asks one question after the other.
class asking_client {
 public:
  explicit asking_client(programs::port_number port) : client_(port) {}

  /// The first line of the answer.
  std::string ask(const std::vector<std::string>& words) {
    client_.send(command(words));
    return client_.receive_line();
  }

  /// A text of several lines.
  std::string ask_for_text(const std::vector<std::string>& words) {
    const std::string head = ask(words);
    if (head.empty() || head[0] != '$') return head;
    const std::size_t bytes = std::stoul(head.substr(1));
    return client_.receive(bytes + 2).substr(0, bytes);
  }

  /// What redis has asked for, as it counts itself with malloc_usable_size.
  std::size_t used_memory() {
    const std::string text = ask_for_text({"INFO", "memory"});
    const std::string label = "used_memory:";
    return std::stoul(text.substr(text.find(label) + label.size()));
  }

 private:
  tcp_client client_;
};

class redis : public ::testing::TestWithParam<start> {};

TEST_P(redis, accounts_for_its_memory) {
  CONNARENA_NEEDS_PROGRAM("redis-server");
  constexpr std::size_t value_bytes = 1 << 20;
  constexpr std::size_t noise_bytes = 100000;  // its own buffers come and go
  redis_server server(GetParam());
  ASSERT_TRUE(programs::is_listening(server.port)) << server.process.log();
  asking_client client(server.port);
  EXPECT_EQ(client.ask({"SET", "other", value_of(0, 5000)}), "+OK");
  const std::size_t before = client.used_memory();
  EXPECT_EQ(client.ask({"SET", "key", value_of(1, value_bytes)}), "+OK");
  const std::string usage = client.ask({"MEMORY", "USAGE", "key"});
  EXPECT_GE(std::stoul(usage.substr(1)), value_bytes);
  EXPECT_GE(client.used_memory(), before + value_bytes);
  EXPECT_EQ(client.ask({"DEL", "key"}), ":1");
  EXPECT_TRUE(harness::wait_until([&] { return client.used_memory() <= before + noise_bytes; }));
  EXPECT_GE(client.used_memory() + noise_bytes, before);
  EXPECT_EQ(client.ask({"MEMORY", "PURGE"}), "+OK");
  const std::string allocator = client.ask_for_text({"INFO", "memory"});
  if (allocator.find("mem_allocator:jemalloc") == std::string::npos) return;
  const std::string statistics = client.ask_for_text({"MEMORY", "MALLOC-STATS"});
  EXPECT_EQ(statistics.find("___ Begin jemalloc statistics ___"), 0U) << statistics;
  EXPECT_EQ(client.ask({"MEMORY", "STATS"}).substr(0, 1), "*");
}

TEST_P(redis, answers_many_connections_correctly) {
  CONNARENA_NEEDS_PROGRAM("redis-server");
  redis_server server(GetParam());
  const programs::port_number port = server.port;
  ASSERT_TRUE(programs::is_listening(port)) << server.process.log();
  for (unsigned round = 0; round < rounds; ++round) {
    std::vector<tcp_client> clients;
    for (unsigned i = 0; i < connections; ++i) clients.emplace_back(port);
    for (unsigned i = 0; i < connections; ++i) {
      const std::string value = value_of(i + round, 20000 + i * 1000);
      clients[i].send(command({"SET", "key" + std::to_string(i), value}));
      clients[i].send(command({"GET", "key" + std::to_string(i)}));
    }
    for (unsigned i = 0; i < connections; ++i) {
      const std::string value = value_of(i + round, 20000 + i * 1000);
      ASSERT_EQ(clients[i].receive_line(), "+OK");
      ASSERT_EQ(clients[i].receive_line(), "$" + std::to_string(value.size()));
      ASSERT_TRUE(clients[i].receive(value.size() + 2) == value + "\r\n") << "connection " << i;
    }
  }
  EXPECT_EQ(asking_client(port).ask({"FLUSHALL"}), "+OK");
  EXPECT_EQ(asking_client(port).ask({"DBSIZE"}), ":0");
  const harness::outcome ended = stop_when_all_have_closed(server.process, GetParam());
  EXPECT_EQ(ended.exit_code, 0) << harness::describe(ended);
}

INSTANTIATE_TEST_SUITE_P(started, redis, ::testing::Values(start::alone, start::preloaded),
                         programs::name_of);

}  // namespace
