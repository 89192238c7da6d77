// docs/examples/tls_openssl.c: curl gets an answer, and OpenSSL's state is the connection's.
#include "examples/example_server.hpp"

namespace {

using harness::describe;
using harness::outcome;

/// With a certificate that is made for it.
struct tls_server {
  [[nodiscard]] outcome ask() const {
    return harness::run(
        {{"curl", "-sSk", "--max-time", "60", "https://" + server.address() + "/"}});
  }

  const programs::scratch_folder folder;
  const outcome certified = harness::run(
      {{"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
        "/CN=localhost", "-keyout", folder.file("key.pem"), "-out", folder.file("cert.pem")}});
  examples::server server{"tls_openssl", {folder.file("cert.pem"), folder.file("key.pem")}};
};

class tls_openssl : public ::testing::Test {
 protected:
  void SetUp() override {
    CONNARENA_NEEDS_EXAMPLE("tls_openssl", "libssl-dev");
    for (const char* each : {"openssl", "curl"}) {
      if (harness::find_program(each).empty()) GTEST_SKIP() << each << " is not installed";
    }
  }
};

TEST_F(tls_openssl, state_lies_in_the_arena_of_its_connection) {
  tls_server tls;
  for (int i = 0; i < 3; ++i) {
    // What it leaves in the thread's queue of errors is nobody else's affair.
    programs::tcp_client plain = tls.server.connect();
    plain.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_THROW((void)plain.receive(1000), std::runtime_error);
    const outcome result = tls.ask();
    ASSERT_TRUE(result.succeeded()) << describe(result);
    int held_kib = 0;
    ASSERT_EQ(std::sscanf(result.output.c_str(), "this connection holds %d KiB", &held_kib), 1)
        << describe(result);
    // Two buffers of a record, 16 KiB each, among other things; the program's own are 4 KiB.
    EXPECT_GT(held_kib, 32);
  }
  EXPECT_TRUE(tls.server.is_well());
}

TEST_F(tls_openssl, serves_again_after_running_out_of_descriptors) {
  tls_server tls;
  tls.server.run_out_of_descriptors();
  const outcome result = tls.ask();
  EXPECT_TRUE(result.succeeded()) << describe(result);
  EXPECT_TRUE(tls.server.is_well());
}

}  // namespace
