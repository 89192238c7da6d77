// listener.hpp - a TCP listener on a port of its own, for servers of tests.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace programs {

class listener {
 public:
  listener() {
    fd_ = socket(AF_INET, SOCK_STREAM, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    is_ready_ = bind(fd_, generic(), size) == 0 && listen(fd_, 16) == 0 &&
                getsockname(fd_, generic(), &size) == 0;
  }
  [[nodiscard]] int fd() const { return is_ready_ ? fd_ : -1; }
  [[nodiscard]] const sockaddr& address() const {
    return reinterpret_cast<const sockaddr&>(address_);
  }
  [[nodiscard]] static constexpr socklen_t address_size() { return sizeof(sockaddr_in); }
  /// A socket that is connected to it; -1 on failure.
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

}  // namespace programs
