// docs/examples/epoll_limits.c: who keeps too much is disconnected, and nobody else.
#include "examples/example_server.hpp"

namespace {

TEST(epoll_limits, gives_notes_back) {
  examples::server notes("epoll_limits");
  programs::tcp_client client = notes.connect();
  client.send("one\ntwo\n");
  client.send("three\n?\n");
  const std::string wanted = "kept\nkept\nkept\none\ntwo\nthree\n.\n";
  EXPECT_EQ(client.receive(wanted.size()), wanted);
  EXPECT_TRUE(notes.is_well());
}

TEST(epoll_limits, ends_a_client_that_keeps_too_much_and_no_other) {
  examples::server notes("epoll_limits");
  programs::tcp_client modest = notes.connect();
  modest.send("mine\n");
  ASSERT_EQ(modest.receive(5), "kept\n");

  programs::tcp_client greedy = notes.connect();
  const std::string note = std::string(3000, 'n') + "\n";
  const std::size_t more_than_fit = (std::size_t{1} << 20) / note.size() + 1;
  std::size_t kept = 0;
  std::string answer = "kept\n";
  while (answer == "kept\n" && kept < more_than_fit) {
    greedy.send(note);
    answer = greedy.receive(5);
    if (answer == "kept\n") ++kept;
  }
  EXPECT_EQ(answer, "full\n");
  EXPECT_GT(kept, more_than_fit / 2);
  EXPECT_THROW((void)greedy.receive(1), std::runtime_error);

  modest.send("?\n");
  EXPECT_EQ(modest.receive(7), "mine\n.\n");
  EXPECT_TRUE(notes.is_well());
}

TEST(epoll_limits, serves_again_after_running_out_of_descriptors) {
  examples::server notes("epoll_limits");
  notes.run_out_of_descriptors();
  programs::tcp_client client = notes.connect();
  client.send("late\n");
  EXPECT_EQ(client.receive(5), "kept\n");
  EXPECT_TRUE(notes.is_well());
}

}  // namespace
