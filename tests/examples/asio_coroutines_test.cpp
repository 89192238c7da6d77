// docs/examples/asio_coroutines.cpp: every client gets its own lines back.
#include "examples/example_server.hpp"

namespace {

constexpr unsigned clients = 40;
constexpr unsigned rounds = 50;

std::string line_of(unsigned client, unsigned round) {
  return std::string(client * 97 + round * 13, static_cast<char>('a' + client % 26)) + "\n";
}

TEST(asio_coroutines, echo_each_line_to_whom_it_is_from) {
  CONNARENA_NEEDS_EXAMPLE("asio_coroutines", "libasio-dev");
  examples::server echo("asio_coroutines");
  std::vector<programs::tcp_client> open;
  for (unsigned i = 0; i < clients; ++i) open.push_back(echo.connect());
  for (unsigned round = 0; round < rounds; ++round) {
    for (unsigned i = 0; i < clients; ++i) open[i].send(line_of(i, round));
    for (unsigned i = 0; i < clients; ++i) {
      const std::string wanted = line_of(i, round);
      ASSERT_EQ(open[i].receive(wanted.size()), wanted) << "client " << i;
    }
  }
  open.clear();
  programs::tcp_client late = echo.connect();
  late.send("late\n");
  EXPECT_EQ(late.receive(5), "late\n");
  EXPECT_TRUE(echo.is_well());
}

TEST(asio_coroutines, serves_again_after_running_out_of_descriptors) {
  CONNARENA_NEEDS_EXAMPLE("asio_coroutines", "libasio-dev");
  examples::server echo("asio_coroutines");
  echo.run_out_of_descriptors();
  programs::tcp_client late = echo.connect();
  late.send("late\n");
  EXPECT_EQ(late.receive(5), "late\n");
  EXPECT_TRUE(echo.is_well());
}

}  // namespace
