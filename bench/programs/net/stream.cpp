#include "net/stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <climits>
#include <string>
#include <utility>

#include "process/failure.hpp"

namespace demo {
namespace {

class plain final : public stream {
 public:
  explicit plain(unique_fd socket) : socket_(std::move(socket)) {}

  [[nodiscard]] int descriptor() const noexcept override { return socket_.get(); }

  [[nodiscard]] std::optional<std::size_t> write(const iovec* parts, int count) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);
    message.msg_iovlen = static_cast<std::size_t>(count);
    return result(::sendmsg(socket_.get(), &message, MSG_NOSIGNAL), "send");
  }

  [[nodiscard]] std::optional<std::size_t> read(char* buffer, std::size_t size_bytes) override {
    if (std::exchange(is_drained_, false)) return std::nullopt;
    const auto size = result(::recv(socket_.get(), buffer, size_bytes, 0), "receive");
    is_drained_ = size && *size > 0 && *size < size_bytes;
    return size;
  }

 private:
  static std::optional<std::size_t> result(ssize_t size, const char* call) {
    if (size >= 0) return static_cast<std::size_t>(size);
    if (errno == EAGAIN || errno == EINTR) return std::nullopt;
    fail_by_errno(std::string("cannot ") + call);
  }

  unique_fd socket_;
  // A short read emptied the socket: the next one, in the same turn, would block.
  bool is_drained_ = false;
};

class tls final : public stream {
 public:
  tls(SSL_CTX* context, unique_fd socket) : socket_(std::move(socket)), session_(SSL_new(context)) {
    SSL_set_connect_state(session_.get());
    SSL_set_fd(session_.get(), socket_.get());
  }
  ~tls() override {
    // An orderly close, as a real client's. One try: nobody waits for the answer.
    ERR_clear_error();
    SSL_shutdown(session_.get());
  }

  [[nodiscard]] int descriptor() const noexcept override { return socket_.get(); }

  [[nodiscard]] std::optional<std::size_t> write(const iovec* parts, int) override {
    ERR_clear_error();
    const int size = static_cast<int>(std::min<std::size_t>(parts[0].iov_len, INT_MAX));
    return result(SSL_write(session_.get(), parts[0].iov_base, size), "send over TLS");
  }

  [[nodiscard]] std::optional<std::size_t> read(char* buffer, std::size_t size_bytes) override {
    ERR_clear_error();
    const int size = static_cast<int>(std::min<std::size_t>(size_bytes, INT_MAX));
    return result(SSL_read(session_.get(), buffer, size), "receive over TLS");
  }

 private:
  struct freed {
    void operator()(SSL* session) const noexcept { SSL_free(session); }
  };

  std::optional<std::size_t> result(int size, const char* call) {
    if (size > 0) return static_cast<std::size_t>(size);
    switch (SSL_get_error(session_.get(), size)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return std::nullopt;
      case SSL_ERROR_ZERO_RETURN:
        return 0;
      default:
        throw failure(std::string("cannot ") + call + ": " +
                      ERR_error_string(ERR_peek_error(), nullptr));
    }
  }

  unique_fd socket_;
  std::unique_ptr<SSL, freed> session_;
};

}  // namespace

std::unique_ptr<stream> plain_stream(unique_fd socket) {
  return std::make_unique<plain>(std::move(socket));
}

std::unique_ptr<stream> tls_stream(SSL_CTX* context, unique_fd socket) {
  return std::make_unique<tls>(context, std::move(socket));
}

}  // namespace demo
