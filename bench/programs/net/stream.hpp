// stream.hpp - a connection's bytes, plain or under TLS, without blocking.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <optional>

#include "process/unique_fd.hpp"

using SSL_CTX = struct ssl_ctx_st;
using SSL = struct ssl_st;

namespace demo {

class stream {
 public:
  virtual ~stream() = default;

  [[nodiscard]] virtual int descriptor() const noexcept = 0;

  /// Bytes taken; empty if it would block.   Fails: the connection is broken.
  [[nodiscard]] virtual std::optional<std::size_t> write(const iovec* parts, int count) = 0;

  /// Bytes read, 0 at the end; empty if it would block.   Fails: as above.
  [[nodiscard]] virtual std::optional<std::size_t> read(char* buffer, std::size_t size_bytes) = 0;
};

[[nodiscard]] std::unique_ptr<stream> plain_stream(unique_fd socket);

/// A TLS client's side; the handshake happens at the first write.
/// Pre: the context outlives the stream.
[[nodiscard]] std::unique_ptr<stream> tls_stream(SSL_CTX* context, unique_fd socket);

}  // namespace demo
