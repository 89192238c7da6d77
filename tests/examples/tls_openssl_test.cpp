// docs/examples/tls_openssl.c: curl gets an answer, and OpenSSL's state is the connection's.
#include "examples/example_server.hpp"

namespace {

using harness::describe;
using harness::outcome;

TEST(tls_openssl, state_lies_in_the_arena_of_its_connection) {
  CONNARENA_NEEDS_EXAMPLE("tls_openssl", "libssl-dev");
  for (const char* each : {"openssl", "curl"}) {
    if (harness::find_program(each).empty()) GTEST_SKIP() << each << " is not installed";
  }
  const programs::scratch_folder folder;
  const outcome made = harness::run(
      {{"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
        "/CN=localhost", "-keyout", folder.file("key.pem"), "-out", folder.file("cert.pem")}});
  ASSERT_TRUE(made.succeeded()) << describe(made);
  examples::server tls("tls_openssl", {folder.file("cert.pem"), folder.file("key.pem")});
  for (int i = 0; i < 3; ++i) {
    // What it leaves in the thread's queue of errors is nobody else's affair.
    programs::tcp_client plain = tls.connect();
    plain.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_THROW((void)plain.receive(1000), std::runtime_error);
    const outcome result =
        harness::run({{"curl", "-sSk", "--max-time", "60", "https://" + tls.address() + "/"}});
    ASSERT_TRUE(result.succeeded()) << describe(result);
    int held_kib = 0;
    ASSERT_EQ(std::sscanf(result.output.c_str(), "this connection holds %d KiB", &held_kib), 1)
        << describe(result);
    // Two buffers of a record, 16 KiB each, among other things; the program's own are 4 KiB.
    EXPECT_GT(held_kib, 32);
  }
  EXPECT_TRUE(tls.is_well());
}

}  // namespace
