// ring.cpp - one thread over io_uring. No call of its is one that the preload library
// replaces: the server makes an arena for each connection and enters it around
// whatever it does for that connection.
#include <liburing.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "servers/session.hpp"
#include "servers/shapes.hpp"

namespace attribution {
namespace {

constexpr unsigned entries = 256;

enum class waits_for : unsigned char { header, body, reply };

struct ring_connection {
  ring_connection(int descriptor, connarena_t made) : arena(made), on(descriptor, made) {}

  connarena_t arena;
  session on;
  waits_for next = waits_for::header;
  request_header header{};
  msghdr message{};
};

class ring {
 public:
  explicit ring(int listener) : listener_(listener) {
    if (io_uring_queue_init(entries, &queue_, 0) != 0) std::abort();
  }

  [[noreturn]] void run() {
    ask_accept();
    for (;;) {
      io_uring_submit_and_wait(&queue_, 1);
      io_uring_cqe* done = nullptr;
      while (io_uring_peek_cqe(&queue_, &done) == 0) {
        auto* const of = static_cast<ring_connection*>(io_uring_cqe_get_data(done));
        const int result = done->res;
        io_uring_cqe_seen(&queue_, done);
        if (of != nullptr) {
          proceed(*of, result);
        } else {
          accepted(result);
        }
      }
    }
  }

 private:
  io_uring_sqe* entry(ring_connection* of) {
    io_uring_sqe* made;
    while ((made = io_uring_get_sqe(&queue_)) == nullptr) io_uring_submit(&queue_);
    io_uring_sqe_set_data(made, of);
    return made;
  }

  void ask_accept() {
    io_uring_sqe* const asked = entry(nullptr);
    io_uring_prep_accept(asked, listener_, nullptr, nullptr, 0);
    io_uring_sqe_set_data(asked, nullptr);
  }

  void ask_receive(ring_connection& of, void* to, std::size_t size_bytes) {
    io_uring_sqe* const asked = entry(&of);
    io_uring_prep_recv(asked, of.on.fd(), to, size_bytes, MSG_WAITALL);
    io_uring_sqe_set_data(asked, &of);
  }

  void ask_send(ring_connection& of) {
    of.message.msg_iov = const_cast<iovec*>(of.on.left());
    of.message.msg_iovlen = 2;
    io_uring_sqe* const asked = entry(&of);
    io_uring_prep_sendmsg(asked, of.on.fd(), &of.message, MSG_WAITALL);
    io_uring_sqe_set_data(asked, &of);
  }

  void accepted(int fd) {
    ask_accept();
    if (fd < 0) return;
    const connarena_t arena = connarena_create(nullptr);
    const connarena_t before = connarena_enter(arena);
    auto* const made = new ring_connection(fd, arena);
    made->on.set_up();
    ask_receive(*made, &made->header, sizeof made->header);
    connarena_leave(before);
  }

  void proceed(ring_connection& of, int result) {
    if (result <= 0) return end(of);
    const connarena_t before = connarena_enter(of.arena);
    step(of, static_cast<std::size_t>(result));
    connarena_leave(before);
  }

  void step(ring_connection& of, std::size_t bytes) {
    switch (of.next) {
      case waits_for::header:
        of.on.forget_request();
        of.on.make_room(of.header.request_bytes, io::touched);
        of.next = waits_for::body;
        return ask_receive(of, of.on.incoming.bytes, of.header.request_bytes);
      case waits_for::body:
        of.on.handle(of.header, of.on.incoming.bytes[0]);
        of.next = waits_for::reply;
        return ask_send(of);
      case waits_for::reply:
        of.on.wrote(bytes);
        if (of.on.is_writing()) return ask_send(of);
        of.next = waits_for::header;
        ask_receive(of, &of.header, sizeof of.header);
    }
  }

  static void end(ring_connection& of) {
    const int fd = of.on.fd();
    const connarena_t arena = of.arena;
    delete &of;
    ::close(fd);
    connarena_close(arena);
  }

  int listener_;
  io_uring queue_{};
};

}  // namespace

void serve_by_ring(int listener) { ring(listener).run(); }

const char* refusal_of_ring() {
  io_uring tried;
  const int error = io_uring_queue_init(entries, &tried, 0);
  if (error == 0) io_uring_queue_exit(&tried);
  return error == 0 ? nullptr : std::strerror(-error);
}

}  // namespace attribution
