// An Asio server whose io_context some threads run: a connection's handlers run on whichever
// is free, one at a time by its strand. The handlers that wait, and the connection itself,
// are blocks of its arena, and outlive the pointer to it.
#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/read.hpp>
#include <asio/strand.hpp>
#include <asio/write.hpp>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "moving/aftermath.hpp"
#include "moving/clients.hpp"
#include "moving/frames.hpp"
#include "moving/kinds.hpp"
#include "moving/session.hpp"

namespace {

using asio::ip::tcp;

/// A handler that Asio keeps in a connection's memory.
template <typename Function>
class kept_in_memory {
 public:
  using allocator_type = std::pmr::polymorphic_allocator<char>;

  kept_in_memory(std::pmr::memory_resource* in, Function call) : in_(in), call_(std::move(call)) {}
  [[nodiscard]] allocator_type get_allocator() const noexcept { return in_; }
  void operator()(const asio::error_code& error, std::size_t) { call_(error); }

 private:
  std::pmr::memory_resource* in_;
  Function call_;
};

class connection : public std::enable_shared_from_this<connection> {
 public:
  connection(tcp::socket socket, moving::session state)
      : state_(std::move(state)),
        socket_(std::move(socket)),
        request_(state_.memory()),
        reply_(state_.memory()) {}

  void receive();

 private:
  /// Where it fails the connection is over: nothing waits for it any more.
  template <typename Next>
  auto then(Next next) {
    const auto go_on = [next = std::move(next)](const asio::error_code& error) {
      if (!error) next();
    };
    return kept_in_memory(state_.memory(), go_on);
  }

  void receive_rest() {
    request_ = moving::text(length_, state_.memory());
    asio::async_read(socket_, asio::buffer(request_),
                     then([self = shared_from_this()] { self->answer(); }));
  }
  void answer() {
    reply_ = state_.answer(request_);
    length_ = static_cast<moving::frame_length>(reply_.size());
    const std::array<asio::const_buffer, 2> both{asio::buffer(&length_, sizeof length_),
                                                 asio::buffer(reply_)};
    asio::async_write(socket_, both, then([self = shared_from_this()] { self->receive(); }));
  }

  moving::session state_;
  tcp::socket socket_;
  moving::frame_length length_ = 0;
  moving::text request_;
  moving::text reply_;
};

void connection::receive() {
  asio::async_read(socket_, asio::buffer(&length_, sizeof length_),
                   then([self = shared_from_this()] { self->receive_rest(); }));
}

class server {
 public:
  explicit server(moving::memory_of kind)
      : kind_(kind), acceptor_(asio::make_strand(io_), {asio::ip::address_v4::loopback(), 0}) {
    accept();
  }

  [[nodiscard]] tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

  /// Until it is told to stop, and no connection is left.
  void run(unsigned threads) {
    std::vector<std::thread> pool;
    for (unsigned i = 0; i < threads; ++i) pool.emplace_back([this] { io_.run(); });
    for (std::thread& each : pool) each.join();
  }
  void stop() {
    asio::post(acceptor_.get_executor(), [this] { acceptor_.close(); });
  }

 private:
  void accept() {
    acceptor_.async_accept(asio::make_strand(io_),
                           [this](const asio::error_code& error, tcp::socket socket) {
                             if (!acceptor_.is_open()) return;
                             if (!error) open(std::move(socket));
                             accept();
                           });
  }
  void open(tcp::socket socket) {
    moving::session state(kind_);
    const std::pmr::polymorphic_allocator<connection> in(state.memory());
    std::allocate_shared<connection>(in, std::move(socket), std::move(state))->receive();
  }

  const moving::memory_of kind_;
  asio::io_context io_;
  tcp::acceptor acceptor_;
};

class asio_server : public ::testing::TestWithParam<moving::memory_of> {};

void expect_serves(moving::memory_of kind, unsigned threads) {
  const moving::aftermath left;
  {
    server serving(kind);
    tcp::endpoint at = serving.endpoint();
    std::thread pool([&] { serving.run(threads); });
    EXPECT_EQ(moving::run_clients(*at.data(), static_cast<socklen_t>(at.size())), 0);
    serving.stop();
    pool.join();
  }
  EXPECT_TRUE(left.are_arenas_gone());
  EXPECT_TRUE(left.is_nothing_left_alive());
  EXPECT_TRUE(left.is_idle_memory_bounded());
}

TEST_P(asio_server, on_one_thread_answers_right_and_leaves_nothing) {
  expect_serves(GetParam(), 1);
}
TEST_P(asio_server, on_four_threads_answers_right_and_leaves_nothing) {
  expect_serves(GetParam(), 4);
}

INSTANTIATE_TEST_SUITE_P(in, asio_server, moving::kinds(), moving::name_of_kind);

}  // namespace
