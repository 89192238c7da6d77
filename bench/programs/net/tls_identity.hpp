// tls_identity.hpp - a fresh key and certificate for 127.0.0.1, and who trusts it.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace demo {

struct tls_identity {
  std::string key_pem;
  std::string certificate_pem;
};

[[nodiscard]] tls_identity make_tls_identity();

struct tls_context_freed {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using tls_context = std::unique_ptr<SSL_CTX, tls_context_freed>;

/// For clients that accept that certificate and no other.
[[nodiscard]] tls_context make_client_context(const tls_identity& trusted);

}  // namespace demo
