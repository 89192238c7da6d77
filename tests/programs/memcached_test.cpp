// memcached, four threads, gives the right answers to waves of connections.
#include <unistd.h>

#include "programs/ended_connections.hpp"
#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

using programs::start;
using programs::tcp_client;

constexpr unsigned connections = 100;
constexpr unsigned waves = 5;

std::string value_of(unsigned wave, unsigned i) {
  return std::string(1000 + i * 3000, static_cast<char>('a' + (wave + i) % 26));
}

class memcached : public ::testing::TestWithParam<start> {};

TEST_P(memcached, answers_waves_of_connections_correctly) {
  CONNARENA_NEEDS_PROGRAM("memcached");
  const programs::scratch_folder folder;
  const programs::port_number port = programs::free_port();
  std::vector<std::string> arguments{
      "memcached", "-p", std::to_string(port), "-U", "0", "-l", "127.0.0.1", "-t", "4",
      "-m",        "256"};
  if (::geteuid() == 0) arguments.insert(arguments.end(), {"-u", "root"});
  harness::background_process server({arguments, programs::reporting_environment(GetParam())},
                                     folder.file("log"));
  ASSERT_TRUE(programs::is_listening(port)) << server.log();
  for (unsigned wave = 0; wave < waves; ++wave) {
    std::vector<tcp_client> clients;
    for (unsigned i = 0; i < connections; ++i) clients.emplace_back(port);
    for (unsigned i = 0; i < connections; ++i) {
      const std::string key = "key" + std::to_string(i);
      const std::string value = value_of(wave, i);
      clients[i].send("set " + key + " 0 0 " + std::to_string(value.size()) + "\r\n" + value +
                      "\r\nget " + key + "\r\n");
    }
    for (unsigned i = 0; i < connections; ++i) {
      const std::string value = value_of(wave, i);
      ASSERT_EQ(clients[i].receive_line(), "STORED");
      ASSERT_EQ(clients[i].receive_line(),
                "VALUE key" + std::to_string(i) + " 0 " + std::to_string(value.size()));
      ASSERT_TRUE(clients[i].receive(value.size() + 2) == value + "\r\n") << "connection " << i;
      ASSERT_EQ(clients[i].receive_line(), "END");
    }
  }
  const harness::outcome ended = stop_when_all_have_closed(server, GetParam());
  EXPECT_EQ(ended.exit_code, 0) << harness::describe(ended);
}

INSTANTIATE_TEST_SUITE_P(started, memcached, ::testing::Values(start::alone, start::preloaded),
                         programs::name_of);

}  // namespace
