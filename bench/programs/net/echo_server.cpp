#include "net/echo_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "net/sockets.hpp"

namespace demo {
namespace {

constexpr std::size_t buffer_bytes = 64 * 1024;

void add_to(const unique_fd& epoll, int descriptor, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, descriptor, &event);
}

}  // namespace

echo_server::echo_server()
    : port_(free_port()),
      listener_(listen_on(port_)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(buffer_bytes) {
  add_to(epoll_, listener_.get(), EPOLLIN);
  thread_ = std::thread([this] { work(); });
}

echo_server::~echo_server() {
  is_ending_ = true;
  thread_.join();
}

void echo_server::work() {
  constexpr int most_events = 64;
  epoll_event events[most_events];
  while (!is_ending_) {
    const int count = ::epoll_wait(epoll_.get(), events, most_events, 100);
    for (int at = 0; at < count; ++at) {
      if (events[at].data.fd == listener_.get()) {
        accept_all();
      } else {
        serve(events[at].data.fd);
      }
    }
  }
}

void echo_server::accept_all() {
  for (;;) {
    unique_fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.is_open()) return;
    const int descriptor = socket.get();
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    peers_[descriptor] = {std::move(socket), {}};
    add_to(epoll_, descriptor, EPOLLIN | EPOLLOUT | EPOLLET);
  }
}

void echo_server::serve(int descriptor) {
  const auto found = peers_.find(descriptor);
  if (found != peers_.end() && !echo(found->second)) peers_.erase(found);
}

/// Until it would block; false once the peer is gone.
bool echo_server::echo(peer& each) {
  for (;;) {
    if (!each.unsent.empty()) {
      const ssize_t sent =
          ::send(each.socket.get(), each.unsent.data(), each.unsent.size(), MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN;
      each.unsent.erase(0, static_cast<std::size_t>(sent));
      continue;
    }
    const ssize_t size = ::recv(each.socket.get(), buffer_.data(), buffer_.size(), 0);
    if (size <= 0) return size < 0 && errno == EAGAIN;
    const ssize_t sent =
        ::send(each.socket.get(), buffer_.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    const std::size_t sent_bytes = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    each.unsent.assign(buffer_.data() + sent_bytes, static_cast<std::size_t>(size) - sent_bytes);
  }
}

}  // namespace demo
