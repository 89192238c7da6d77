// redis-server gives the right answers to many connections.
#include "harness/pattern.hpp"
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

class redis : public ::testing::TestWithParam<start> {};

TEST_P(redis, answers_many_connections_correctly) {
  CONNARENA_NEEDS_PROGRAM("redis-server");
  const programs::scratch_folder folder;
  const programs::port_number port = programs::free_port();
  harness::background_process server(
      {{"redis-server", "--port", std::to_string(port), "--bind", "127.0.0.1", "--save", "",
        "--appendonly", "no", "--dir", folder.file("")},
       programs::environment_for(GetParam())},
      folder.file("log"));
  ASSERT_TRUE(programs::is_listening(port)) << server.log();
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
  tcp_client last(port);
  last.send(command({"FLUSHALL"}));
  EXPECT_EQ(last.receive_line(), "+OK");
  last.send(command({"DBSIZE"}));
  EXPECT_EQ(last.receive_line(), ":0");
  const harness::outcome ended = server.stop();
  EXPECT_EQ(ended.exit_code, 0) << harness::describe(ended);
}

INSTANTIATE_TEST_SUITE_P(started, redis, ::testing::Values(start::alone, start::preloaded),
                         programs::name_of);

}  // namespace
