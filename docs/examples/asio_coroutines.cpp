// asio_coroutines.cpp - coroutines on Asio whose frames lie in their connection's arena.
//
//   asio_coroutines PORT
//
// Echoes: a client sends lines and gets each back. asio::awaitable takes its frames from
// memory of Asio's own; a coroutine type of the program's own has them where it likes, by
// deriving its promise from connarena::frame_in_arena.
#include <asio.hpp>
#include <connarena/scope.hpp>

#include <coroutine>
#include <exception>
#include <memory_resource>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using asio::ip::tcp;

/// A coroutine that begins when it is waited for, or by start(), which nobody waits for.
class task {
 public:
  struct promise_type : connarena::frame_in_arena {
    task get_return_object() { return task(handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept { return ending{}; }
    void return_void() {}
    void unhandled_exception() { failure = std::current_exception(); }

    std::coroutine_handle<> waiting;  // none: it goes when it ends
    std::exception_ptr failure;
  };
  using handle = std::coroutine_handle<promise_type>;

  task(task&& other) noexcept : own_(std::exchange(other.own_, nullptr)) {}
  ~task() {
    if (own_) own_.destroy();
  }

  void start() { std::exchange(own_, nullptr).resume(); }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept {
    own_.promise().waiting = waiting;
    return own_;
  }
  void await_resume() const {
    if (own_.promise().failure) std::rethrow_exception(own_.promise().failure);
  }

 private:
  struct ending {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(handle ended) const noexcept {
      if (ended.promise().waiting) return ended.promise().waiting;
      ended.destroy();
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };
  explicit task(handle own) : own_(own) {}

  handle own_;
};

/// An operation of Asio's, for co_await: `start(handler)` begins it. What Asio keeps while
/// it waits lies in the arena, too. Gives how many bytes it was; throws asio::system_error.
template <typename Start>
struct operation {
  std::pmr::memory_resource* memory;
  Start start;
  asio::error_code error{};
  std::size_t bytes = 0;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    const auto resume = [this, waiting](const asio::error_code& result, std::size_t transferred) {
      error = result;
      bytes = transferred;
      waiting.resume();
    };
    start(asio::bind_allocator(std::pmr::polymorphic_allocator<char>(memory), resume));
  }
  std::size_t await_resume() const {
    if (error) throw asio::system_error(error);
    return bytes;
  }
};
template <typename Start>
operation(std::pmr::memory_resource*, Start) -> operation<Start>;

constexpr std::size_t longest_line = 64 << 10;

task echo_line(tcp::socket& socket, std::pmr::string& received) {
  std::pmr::memory_resource* const memory = received.get_allocator().resource();
  const std::size_t bytes = co_await operation{
      memory, [&](auto handler) {
        asio::async_read_until(socket, asio::dynamic_buffer(received, longest_line), '\n',
                               std::move(handler));
      }};
  co_await operation{memory, [&](auto handler) {
                       asio::async_write(socket, asio::buffer(received, bytes), std::move(handler));
                     }};
  received.erase(0, bytes);
}

/// A frame lies in the arena that is current where the coroutine is called. A scope is for
/// the call and ends before the next co_await: after that it may be another thread's turn.
template <typename Call>
task call_in(connarena::synchronized_arena& arena, Call call) {
  const connarena::scope serving(arena);
  return call();
}

task serve(tcp::socket socket, connarena::arena_ptr arena) {
  std::pmr::string received(arena.get());
  try {
    while (true) co_await call_in(*arena, [&] { return echo_line(socket, received); });
  } catch (const asio::system_error&) {  // the client has gone
  }
  // The arena ends with the parameters. This frame lies in it and is its last survivor.
}

void accept(tcp::acceptor& acceptor, asio::io_context& io) {
  acceptor.async_accept(asio::make_strand(io), [&](asio::error_code error, tcp::socket socket) {
    accept(acceptor, io);
    if (error) return;
    const auto strand = socket.get_executor();
    connarena::arena_ptr arena = connarena::synchronized_arena::open({.name = "echo"});
    connarena::synchronized_arena& here = *arena;
    task serving = call_in(here, [&] { return serve(std::move(socket), std::move(arena)); });
    asio::post(strand, [serving = std::move(serving)]() mutable { serving.start(); });
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  asio::io_context io;
  const auto port = static_cast<asio::ip::port_type>(std::stoul(argv[1]));
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
  accept(acceptor, io);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { io.run(); });
}
