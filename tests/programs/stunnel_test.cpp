// stunnel carries bytes unchanged: client to TLS to echo and back, a thread per
// connection on either side.
#include <fstream>

#include "harness/pattern.hpp"
#include "programs/ended_connections.hpp"
#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

using programs::port_number;
using programs::start;
using programs::tcp_client;

constexpr unsigned connections = 40;
constexpr unsigned rounds = 3;
constexpr std::size_t message_bytes = 100000;

void make_certificate(const programs::scratch_folder& folder) {
  const harness::outcome made = harness::run(
      {{"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
        "/CN=localhost", "-keyout", folder.file("key.pem"), "-out", folder.file("cert.pem")}});
  ASSERT_TRUE(made.succeeded()) << harness::describe(made);
}

std::string write_settings(const programs::scratch_folder& folder, const std::string& name,
                           const std::string& service) {
  std::ofstream(folder.file(name)) << "foreground = yes\npid =\ndebug = 4\nsyslog = no\n"
                                   << "[test]\n"
                                   << service;
  return folder.file(name);
}

std::string message_of(unsigned number) {
  std::string text(message_bytes, '\0');
  for (std::size_t i = 0; i < message_bytes; ++i) {
    text[i] = static_cast<char>(harness::pattern_byte(number, i));
  }
  return text;
}

void expect_echo_on_many_connections(port_number port) {
  std::vector<tcp_client> clients;
  for (unsigned i = 0; i < connections; ++i) clients.emplace_back(port);
  for (unsigned i = 0; i < connections; ++i) clients[i].send(message_of(i));
  for (unsigned i = 0; i < connections; ++i) {
    ASSERT_TRUE(clients[i].receive(message_bytes) == message_of(i)) << "connection " << i;
  }
}

class stunnel : public ::testing::TestWithParam<start> {};

TEST_P(stunnel, carries_bytes_unchanged) {
  CONNARENA_NEEDS_PROGRAM("stunnel4");
  CONNARENA_NEEDS_PROGRAM("openssl");
  const programs::scratch_folder folder;
  make_certificate(folder);
  const programs::echo_server echo;
  const std::string tls_port = std::to_string(programs::free_port());
  const port_number plain_port = programs::free_port();
  const std::string server_settings = write_settings(
      folder, "server.conf",
      "accept = 127.0.0.1:" + tls_port + "\nconnect = 127.0.0.1:" + std::to_string(echo.port()) +
          "\ncert = " + folder.file("cert.pem") + "\nkey = " + folder.file("key.pem") + "\n");
  const std::string client_settings =
      write_settings(folder, "client.conf",
                     "client = yes\naccept = 127.0.0.1:" + std::to_string(plain_port) +
                         "\nconnect = 127.0.0.1:" + tls_port + "\n");
  const auto environment = programs::reporting_environment(GetParam());
  harness::background_process server({{"stunnel4", server_settings}, environment},
                                     folder.file("server.log"));
  harness::background_process client({{"stunnel4", client_settings}, environment},
                                     folder.file("client.log"));
  ASSERT_TRUE(programs::is_listening(static_cast<port_number>(std::stoul(tls_port))))
      << server.log();
  ASSERT_TRUE(programs::is_listening(plain_port)) << client.log();
  for (unsigned round = 0; round < rounds; ++round) expect_echo_on_many_connections(plain_port);
  EXPECT_TRUE(server.is_running()) << server.log();
  EXPECT_TRUE(client.is_running()) << client.log();
  EXPECT_EQ(stop_when_all_have_closed(server, GetParam()).signal, 0) << server.log();
  EXPECT_EQ(stop_when_all_have_closed(client, GetParam()).signal, 0) << client.log();
}

INSTANTIATE_TEST_SUITE_P(started, stunnel, ::testing::Values(start::alone, start::preloaded),
                         programs::name_of);

}  // namespace
