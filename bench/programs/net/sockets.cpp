#include "net/sockets.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

#include "process/failure.hpp"

namespace demo {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool can_bind(int port) {
  const unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

int free_port() {
  constexpr int first_port = 20000;
  constexpr int port_count = 12000;
  static std::atomic<int> next = static_cast<int>(::getpid());
  for (int tried = 0; tried < port_count; ++tried) {
    const int port = first_port + next++ % port_count;
    if (can_bind(port)) return port;
  }
  throw failure("no free port on 127.0.0.1");
}

bool is_listening(int port) {
  char wanted[64];
  std::snprintf(wanted, sizeof wanted, ": 0100007F:%04X 00000000:0000 0A", port);
  std::ifstream stream("/proc/net/tcp");
  std::string line;
  while (std::getline(stream, line)) {
    if (line.find(wanted) != std::string::npos) return true;
  }
  return false;
}

unique_fd listen_on(int port) {
  unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_in address = loopback(port);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 1024) != 0) {
    fail_by_errno("cannot listen on port " + std::to_string(port));
  }
  return socket;
}

unique_fd connect_to(int port) {
  unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail_by_errno("cannot connect to port " + std::to_string(port));
  }
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::fcntl(socket.get(), F_SETFL, O_NONBLOCK) != 0) fail_by_errno("fcntl");
  return socket;
}

void need_descriptors(unsigned long count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < count) {
    throw failure("needs " + std::to_string(count) + " open files: raise `ulimit -Hn`, which is " +
                  std::to_string(limit.rlim_max));
  }
  limit.rlim_cur = std::max<rlim_t>(limit.rlim_cur, count);
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) fail_by_errno("setrlimit");
}

}  // namespace demo
