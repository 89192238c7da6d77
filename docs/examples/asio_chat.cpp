// asio_chat.cpp - a chat that some threads serve, with an arena for each session.
//
//   asio_chat PORT
//
// What one client says, line by line, the others read. A session lies in its own arena with
// its buffers, its queue and what Asio keeps for it while it waits; its handlers run one at a
// time, by its strand, on whichever thread is free. A message lies in the arena of who sent
// it, and the queues of all others share it. Who says something and leaves closes their
// arena: all of it goes back to the system but the messages that are yet to be read, which
// stay valid until they are.
#include <asio.hpp>
#include <connarena/arena.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using asio::ip::tcp;
using message = std::shared_ptr<const std::pmr::string>;

constexpr std::size_t longest_line = 64 << 10;
// Who does not read keeps what others said: up to here.
constexpr std::size_t most_queued = 10000;

class session;

/// Who is here, under the mutex.
struct room {
  std::mutex mutex;
  std::set<std::shared_ptr<session>> present;
};

/// Threads: the handlers of its strand, but for open() and tell().
class session : public std::enable_shared_from_this<session> {
 public:
  session(connarena::arena_ptr arena, tcp::socket socket, room& in)
      : arena_(std::move(arena)), socket_(std::move(socket)), room_(in) {}

  static void open(tcp::socket socket, room& in) {
    connarena::arena_ptr arena = connarena::synchronized_arena::open({.name = "chat"});
    // The session owns the arena in which it lies. That is safe: an arena_ptr drains, and the
    // session's own block is the last survivor.
    const std::pmr::polymorphic_allocator<session> here(arena.get());
    const auto made = std::allocate_shared<session>(here, std::move(arena), std::move(socket), in);
    const std::lock_guard hold(in.mutex);
    in.present.insert(made);
    made->later([made] { made->receive(); });
  }

  /// Queues what somebody else said.
  void tell(const message& said) {
    later([self = shared_from_this(), said] { self->queue(said); });
  }

 private:
  /// A handler that waits in this session's arena. It holds the session.
  template <typename Handler>
  auto in_arena(Handler handler) {
    return asio::bind_allocator(std::pmr::polymorphic_allocator<char>(arena_.get()),
                                std::move(handler));
  }
  template <typename Handler>
  void later(Handler handler) {
    asio::post(socket_.get_executor(), in_arena(std::move(handler)));
  }

  void receive() {
    const auto go_on = [self = shared_from_this()](asio::error_code error, std::size_t bytes) {
      if (error) return self->end();
      self->say(bytes);
      self->receive();
    };
    asio::async_read_until(socket_, asio::dynamic_buffer(received_, longest_line), '\n',
                           in_arena(go_on));
  }
  void say(std::size_t bytes) {
    // The allocator reaches the string, too: text and reference count are in this arena.
    const std::pmr::polymorphic_allocator<std::pmr::string> here(arena_.get());
    const message said = std::allocate_shared<std::pmr::string>(here, received_, 0, bytes);
    received_.erase(0, bytes);
    const std::lock_guard hold(room_.mutex);
    for (const std::shared_ptr<session>& each : room_.present) {
      if (each.get() != this) each->tell(said);
    }
  }

  void queue(const message& said) {
    if (queue_.size() == most_queued) return end();
    queue_.push_back(said);
    if (queue_.size() == 1) send();
  }
  void send() {
    const auto go_on = [self = shared_from_this()](asio::error_code error, std::size_t) {
      if (error) return self->end();
      self->queue_.pop_front();
      if (!self->queue_.empty()) self->send();
    };
    asio::async_write(socket_, asio::buffer(*queue_.front()), in_arena(go_on));
  }

  void end() {
    asio::error_code ignored;
    socket_.close(ignored);
    const std::lock_guard hold(room_.mutex);
    room_.present.erase(shared_from_this());
  }

  const connarena::arena_ptr arena_;  // first: it goes after all that is in it
  tcp::socket socket_;
  room& room_;
  std::pmr::string received_{arena_.get()};
  std::pmr::deque<message> queue_{arena_.get()};
};

void accept(tcp::acceptor& acceptor, asio::io_context& io, room& in) {
  acceptor.async_accept(asio::make_strand(io),
                        [&](const asio::error_code& error, tcp::socket with) {
                          if (!error) session::open(std::move(with), in);
                          accept(acceptor, io, in);
                        });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  asio::io_context io;
  room everybody;
  const auto port = static_cast<asio::ip::port_type>(std::stoul(argv[1]));
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
  accept(acceptor, io, everybody);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { io.run(); });
}
