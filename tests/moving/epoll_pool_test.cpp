// Workers over one epoll: the usual server in C and C++.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "moving/aftermath.hpp"
#include "moving/clients.hpp"
#include "moving/epoll_pool.hpp"
#include "moving/kinds.hpp"
#include "programs/listener.hpp"

namespace {

class epoll_pool : public ::testing::TestWithParam<moving::memory_of> {};

void expect_serves(moving::memory_of kind, unsigned threads) {
  const moving::aftermath left;
  programs::listener listener;
  ASSERT_EQ(::fcntl(listener.fd(), F_SETFL, O_NONBLOCK), 0);
  std::array<int, 2> stop{};
  ASSERT_EQ(::pipe(stop.data()), 0);
  moving::epoll_pool pool(listener.fd(), kind);
  std::thread server([&] { pool.run(threads, stop[0]); });
  EXPECT_EQ(moving::run_clients(listener.address(), listener.address_size()), 0);
  ::close(stop[1]);
  server.join();
  ::close(stop[0]);
  EXPECT_TRUE(left.are_arenas_gone());
  EXPECT_TRUE(left.is_nothing_left_alive());
  EXPECT_TRUE(left.is_idle_memory_bounded());
}

TEST_P(epoll_pool, of_two_threads_answers_right_and_leaves_nothing) {
  expect_serves(GetParam(), 2);
}
TEST_P(epoll_pool, of_four_threads_answers_right_and_leaves_nothing) {
  expect_serves(GetParam(), 4);
}

INSTANTIATE_TEST_SUITE_P(in, epoll_pool, moving::kinds(), moving::name_of_kind);

}  // namespace
