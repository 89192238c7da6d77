// event_loops.cpp - one thread, edge-triggered epoll, three ways to receive.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "servers/session.hpp"
#include "servers/shapes.hpp"

namespace attribution {
namespace {

enum class progress : unsigned char { whole_request, would_block, closed };

progress of_failed_read(ssize_t got) {
  return got < 0 && errno == EAGAIN ? progress::would_block : progress::closed;
}

/// Receives into the loop's own buffer; the connection's is a copy.
struct after_read {
  struct connection : session {
    using session::session;
  };
  std::vector<char> buffer = std::vector<char>(64 * 1024);

  progress receive(connection& on) {
    const ssize_t got = ::read(on.fd(), buffer.data(), buffer.size());
    if (got <= 0) return of_failed_read(got);
    if (on.has_whole_request()) on.forget_request();  // the last one
    on.make_room(static_cast<std::size_t>(got), io::untouched);
    std::memcpy(on.incoming.bytes + on.incoming.used, buffer.data(), static_cast<std::size_t>(got));
    on.incoming.used += static_cast<std::size_t>(got);
    return on.has_whole_request() ? progress::whole_request : receive(on);
  }

  void handle(connection& on) {
    on.handle(on.header_in_buffer(), on.incoming.bytes[sizeof(request_header)]);
  }
};

/// Receives into the connection's buffer, grown before each read.
template <bool makes_context>
struct before_read {
  using connection = after_read::connection;
  /// Else it receives at the end of an event, and the next one finds a buffer.
  static constexpr bool rests_after_reply = makes_context;
  static constexpr std::size_t room_bytes = 16 * 1024;

  progress receive(connection& on) {
    if (on.has_whole_request()) on.forget_request();
    if (makes_context && on.incoming.bytes == nullptr) on.make_context();
    on.make_room(room_bytes, io::touched);
    session::incoming_bytes& to = on.incoming;
    const ssize_t got = ::read(on.fd(), to.bytes + to.used, to.room - to.used);
    if (got <= 0) return of_failed_read(got);
    to.used += static_cast<std::size_t>(got);
    return on.has_whole_request() ? progress::whole_request : receive(on);
  }

  void handle(connection& on) {
    on.handle(on.header_in_buffer(), on.incoming.bytes[sizeof(request_header)]);
  }
};

/// Receives into a slot of a slab, and sends from there.
struct cache {
  static constexpr std::size_t slab_bytes = std::size_t{1} << 20;

  struct connection : session {
    using session::session;
    request_header header{};
    std::size_t header_used = 0;
    std::size_t used = 0;
    char* slot = nullptr;
  };

  ledger slabs{true_owner{}};
  std::vector<char*> free_slots;

  char* take_slot() {
    if (free_slots.empty()) {
      auto* const slab = static_cast<char*>(slabs.allocate(slab_bytes, io::touched));
      for (std::size_t at = 0; at < slab_bytes; at += most_cached_bytes) {
        free_slots.push_back(slab + at);
      }
    }
    char* const taken = free_slots.back();
    free_slots.pop_back();
    return taken;
  }

  void leave(connection& on) {
    if (on.slot != nullptr) free_slots.push_back(on.slot);
  }

  progress receive(connection& on) {
    const bool is_header = on.header_used < sizeof on.header;
    char* const to =
        is_header ? reinterpret_cast<char*>(&on.header) + on.header_used : on.slot + on.used;
    const std::size_t size =
        is_header ? sizeof on.header - on.header_used : on.header.request_bytes - on.used;
    const ssize_t got = ::read(on.fd(), to, size);
    if (got <= 0) return of_failed_read(got);
    (is_header ? on.header_used : on.used) += static_cast<std::size_t>(got);
    if (on.slot == nullptr) on.slot = take_slot();
    return !is_header && on.used == on.header.request_bytes ? progress::whole_request : receive(on);
  }

  void handle(connection& on) {
    on.parse(on.header);
    on.answer_from(on.slot, on.header.reply_bytes);
    on.header_used = on.used = 0;
  }
};

template <typename Shape>
class event_loop {
 public:
  using connection = typename Shape::connection;

  explicit event_loop(int listener) : listener_(listener) {
    ::fcntl(listener_, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 64> events;
    for (;;) {
      const int count = ::epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        auto* const on = static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (on == nullptr) {
          accept_all();
        } else if (!serve(*on)) {
          end(*on);
        }
      }
    }
  }

 private:
  void accept_all() {
    int fd;
    while ((fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0) {
      auto* const made = new connection(fd);
      made->set_up();
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLET;
      event.data.ptr = made;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }
  }

  bool serve(connection& on) {
    for (;;) {
      const bool has_reply = on.is_writing();
      while (on.is_writing()) {
        const ssize_t gone = ::writev(on.fd(), on.left(), 2);
        if (gone < 0) return errno == EAGAIN;
        on.wrote(static_cast<std::size_t>(gone));
      }
      if constexpr (requires { Shape::rests_after_reply; }) {
        if (Shape::rests_after_reply && has_reply) return true;
      }
      const progress made = shape_.receive(on);
      if (made != progress::whole_request) return made == progress::would_block;
      shape_.handle(on);
    }
  }

  void end(connection& on) {
    const int fd = on.fd();
    if constexpr (requires { shape_.leave(on); }) shape_.leave(on);
    delete &on;
    ::close(fd);
  }

  int listener_;
  int epoll_ = ::epoll_create1(0);
  Shape shape_;
};

}  // namespace

void serve_by_loop_after_read(int listener) { event_loop<after_read>(listener).run(); }
void serve_by_loop_before_read(int listener) { event_loop<before_read<false>>(listener).run(); }
void serve_by_loop_all_before_read(int listener) { event_loop<before_read<true>>(listener).run(); }
void serve_by_cache(int listener) { event_loop<cache>(listener).run(); }

}  // namespace attribution
