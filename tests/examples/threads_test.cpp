// docs/examples/threads.cpp: sorts for many at a time, and not for who sends too much.
#include "examples/example_server.hpp"

namespace {

TEST(threads, sort_for_many_at_a_time) {
  examples::server sorting("threads");
  std::vector<programs::tcp_client> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(sorting.connect());
  for (int round = 0; round < 3; ++round) {
    for (programs::tcp_client& each : clients) each.send("pear\napple\nfig\n\n");
    for (programs::tcp_client& each : clients) EXPECT_EQ(each.receive(15), "apple\nfig\npear\n");
  }
  EXPECT_TRUE(sorting.is_well());
}

TEST(threads, end_a_client_that_sends_too_much_and_no_other) {
  examples::server sorting("threads");
  programs::tcp_client modest = sorting.connect();
  programs::tcp_client endless = sorting.connect();
  modest.send("b\na\n");
  EXPECT_THROW(
      {
        endless.send(std::string(32 << 20, 'x'));
        (void)endless.receive(100);
      },
      std::runtime_error);
  modest.send("\n");
  EXPECT_EQ(modest.receive(4), "a\nb\n");
  EXPECT_TRUE(sorting.is_well());
}

}  // namespace
