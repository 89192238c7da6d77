// docs/examples/asio_chat.cpp: messages reach who reads them after their sender has left.
#include "examples/example_server.hpp"

namespace {

constexpr int messages = 1000;

std::string message_of(int number) {
  return std::to_string(number) + std::string(10000, static_cast<char>('a' + number % 26)) + "\n";
}

/// How many of the messages are not the next that it reads.
int wrong_in(programs::tcp_client& reader) {
  int wrong = 0;
  for (int i = 0; i < messages; ++i) {
    const std::string wanted = message_of(i);
    if (reader.receive(wanted.size()) != wanted) ++wrong;
  }
  return wrong;
}

TEST(asio_chat, messages_outlive_their_sender) {
  CONNARENA_NEEDS_EXAMPLE("asio_chat", "libasio-dev");
  examples::server chat("asio_chat");
  // Sessions begin in this order: both readers are there before the sender says anything.
  programs::tcp_client slow = chat.connect();
  programs::tcp_client witness = chat.connect();
  {
    programs::tcp_client sender = chat.connect();
    for (int i = 0; i < messages; ++i) sender.send(message_of(i));
    ASSERT_EQ(wrong_in(witness), 0);
    // No line may be so long: the session ends and tells its client.
    EXPECT_THROW(
        {
          sender.send(std::string(std::size_t{1} << 20, 'x'));
          (void)sender.receive(1);
        },
        std::runtime_error);
  }
  witness.send("bye\n");
  EXPECT_EQ(wrong_in(slow), 0);
  EXPECT_EQ(slow.receive(4), "bye\n");
  EXPECT_TRUE(chat.is_well());
}

TEST(asio_chat, ends_who_never_ends_a_line) {
  CONNARENA_NEEDS_EXAMPLE("asio_chat", "libasio-dev");
  examples::server chat("asio_chat");
  programs::tcp_client endless = chat.connect();
  EXPECT_THROW(
      {
        endless.send(std::string(16 << 20, 'x'));
        (void)endless.receive(1);
      },
      std::runtime_error);
  programs::tcp_client reader = chat.connect();
  chat.connect().send("still here\n");
  EXPECT_EQ(reader.receive(11), "still here\n");
  EXPECT_TRUE(chat.is_well());
}

TEST(asio_chat, serves_again_after_running_out_of_descriptors) {
  CONNARENA_NEEDS_EXAMPLE("asio_chat", "libasio-dev");
  examples::server chat("asio_chat");
  chat.run_out_of_descriptors();
  programs::tcp_client reader = chat.connect();
  chat.connect().send("still here\n");
  EXPECT_EQ(reader.receive(11), "still here\n");
  EXPECT_TRUE(chat.is_well());
}

}  // namespace
