#include "net/tls_identity.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "process/failure.hpp"

namespace demo {
namespace {

struct openssl_freed {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  void operator()(BIO* memory) const noexcept { BIO_free(memory); }
};
using key_pointer = std::unique_ptr<EVP_PKEY, openssl_freed>;
using certificate_pointer = std::unique_ptr<X509, openssl_freed>;
using memory_pointer = std::unique_ptr<BIO, openssl_freed>;

certificate_pointer self_signed(EVP_PKEY* key) {
  certificate_pointer certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  constexpr long day_seconds = 86400;
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), day_seconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* address = reinterpret_cast<const unsigned char*>("127.0.0.1");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, address, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) throw failure("cannot sign");
  return certificate;
}

std::string text_of(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace

tls_identity make_tls_identity() {
  const key_pointer key(EVP_EC_gen("P-256"));
  if (!key) throw failure("cannot make a key");
  const certificate_pointer certificate = self_signed(key.get());
  const memory_pointer key_text(BIO_new(BIO_s_mem()));
  const memory_pointer certificate_text(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_X509(certificate_text.get(), certificate.get());
  return {text_of(key_text.get()), text_of(certificate_text.get())};
}

tls_context make_client_context(const tls_identity& trusted) {
  tls_context context(SSL_CTX_new(TLS_client_method()));
  if (!context) throw failure("cannot make a TLS context");
  const memory_pointer text(BIO_new_mem_buf(trusted.certificate_pem.data(),
                                            static_cast<int>(trusted.certificate_pem.size())));
  const certificate_pointer certificate(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), certificate.get());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  // What is sent is a queue whose pieces move on as they are taken.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

}  // namespace demo
