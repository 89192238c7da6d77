// socket_cases.cpp - the calls by which connections come.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/syscall.h>

#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

namespace wrappers {
namespace {

/// A TCP listener on a port of its own, and a socket that connects to it.
class listener {
 public:
  listener() {
    fd_ = socket(AF_INET, SOCK_STREAM, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    is_ready_ = bind(fd_, generic(), size) == 0 && listen(fd_, 8) == 0 &&
                getsockname(fd_, generic(), &size) == 0;
  }
  [[nodiscard]] int fd() const { return fd_; }
  /// A connected socket; -1 on failure.
  [[nodiscard]] int reach() {
    const int link = socket(AF_INET, SOCK_STREAM, 0);
    return is_ready_ && connect(link, generic(), sizeof address_) == 0 ? link : -1;
  }

 private:
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&address_); }
  int fd_;
  sockaddr_in address_{};
  bool is_ready_ = false;
};

/// The kernel gives the lowest free number: that of a connection closed behind the
/// preload library's back.
bool socket_holds() {
  const connection link;
  const connarena_t arena = connarena_of_fd(link.near());
  if (!is_open(arena) || syscall(SYS_close, link.near()) != 0) return false;
  return socket(AF_INET, SOCK_STREAM, 0) == link.near() && !is_open(arena) &&
         connarena_of_fd(link.near()) == 0;
}

bool socketpair_holds() {
  const connection link;
  return connarena_of_fd(link.near()) != 0 && connarena_of_fd(link.far()) != 0 &&
         connarena_of_fd(link.near()) != connarena_of_fd(link.far());
}

bool connect_holds() {
  listener server;
  const int link = server.reach();
  return link >= 0 && serves(link);
}

template <typename Accept>
bool accepts(Accept take) {
  listener server;
  if (server.reach() < 0) return false;
  const int link = take(server.fd());
  return link >= 0 && serves(link);
}

constexpr wrapper_case cases[] = {
    {"socket", socket_holds},
    {"socketpair", socketpair_holds},
    {"connect", connect_holds},
    {"accept", [] { return accepts([](int from) { return accept(from, nullptr, nullptr); }); }},
    {"accept4",
     [] {
       return accepts([](int from) { return accept4(from, nullptr, nullptr, SOCK_CLOEXEC); });
     }},
};

}  // namespace

case_list socket_cases() { return cases; }

}  // namespace wrappers
