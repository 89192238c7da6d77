#include "programs/loopback.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace programs {
namespace {

sockaddr_in loopback(port_number port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A listening socket; port 0 lets the system choose.
int listen_on(port_number port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 1024) != 0) {
    throw std::runtime_error("cannot listen on loopback");
  }
  return listener;
}

port_number port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

bool connects(int socket, port_number port) {
  const sockaddr_in address = loopback(port);
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

port_number free_port() {
  const int listener = listen_on(0);
  const port_number port = port_of(listener);
  ::close(listener);
  return port;
}

tcp_client::tcp_client(port_number port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (!connects(socket_, port)) {
    ::close(socket_);
    throw std::runtime_error("cannot connect to port " + std::to_string(port));
  }
}

port_number tcp_client::port() const { return port_of(socket_); }

tcp_client::~tcp_client() {
  if (socket_ >= 0) ::close(socket_);
}

void tcp_client::wait_for(short events) {
  pollfd ready{socket_, events, 0};
  const auto deadline = harness::clock::now() + harness::patience;
  if (::poll(&ready, 1, harness::milliseconds_until(deadline)) != 1) {
    throw std::runtime_error("the server does not answer");
  }
}

void tcp_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    wait_for(POLLOUT);
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count <= 0) throw std::runtime_error("the server closed the connection");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void tcp_client::receive_more() {
  wait_for(POLLIN);
  std::array<char, 65536> buffer;
  const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (count <= 0) throw std::runtime_error("the server closed the connection");
  received_.append(buffer.data(), static_cast<std::size_t>(count));
}

std::string tcp_client::receive(std::size_t bytes) {
  while (received_.size() < bytes) receive_more();
  std::string result = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return result;
}

std::string tcp_client::receive_line() {
  std::size_t end;
  while ((end = received_.find("\r\n")) == std::string::npos) receive_more();
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 2);
  return line;
}

bool is_listening(port_number port) {
  return harness::wait_until([port] {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = connects(socket, port);
    ::close(socket);
    return connected;
  });
}

echo_server::echo_server()
    : listener_(listen_on(0)), port_(port_of(listener_)), thread_([this] { serve(); }) {}

echo_server::~echo_server() {
  stop_.store(true);
  thread_.join();
  ::close(listener_);
}

void echo_server::serve() {
  constexpr int look_for_stop_ms = 50;
  std::vector<pollfd> watched{{listener_, POLLIN, 0}};
  std::array<char, 65536> buffer;
  while (!stop_.load()) {
    ::poll(watched.data(), watched.size(), look_for_stop_ms);
    for (std::size_t i = watched.size(); i-- > 1;) {
      if (watched[i].revents == 0) continue;
      const ssize_t count = ::recv(watched[i].fd, buffer.data(), buffer.size(), 0);
      const auto size = static_cast<std::size_t>(count > 0 ? count : 0);
      if (size > 0 && ::send(watched[i].fd, buffer.data(), size, MSG_NOSIGNAL) == count) continue;
      ::close(watched[i].fd);
      watched.erase(watched.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (watched[0].revents != 0) {
      watched.push_back({::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), POLLIN, 0});
    }
  }
  for (std::size_t i = 1; i < watched.size(); ++i) ::close(watched[i].fd);
}

}  // namespace programs
