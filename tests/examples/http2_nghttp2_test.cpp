// docs/examples/http2_nghttp2.c: nghttp2's own clients get their answers.
#include "examples/example_server.hpp"

namespace {

using harness::describe;
using harness::outcome;

TEST(http2_nghttp2, answers_streams_of_one_session) {
  CONNARENA_NEEDS_EXAMPLE("http2_nghttp2", "libnghttp2-dev");
  if (harness::find_program("nghttp").empty()) GTEST_SKIP() << "nghttp2-client is not installed";
  examples::server http("http2_nghttp2");
  const std::string page = "http://" + http.address() + "/";
  const outcome result = harness::run({{"nghttp", page + "a", page + "b"}});
  EXPECT_TRUE(result.succeeded()) << describe(result);
  std::size_t answers = 0;
  for (std::size_t at = 0;
       (at = result.output.find("of a session that holds", at + 1)) != std::string::npos;) {
    ++answers;
  }
  EXPECT_EQ(answers, 2u) << describe(result);
  EXPECT_TRUE(http.is_well());
}

TEST(http2_nghttp2, answers_many_sessions) {
  CONNARENA_NEEDS_EXAMPLE("http2_nghttp2", "libnghttp2-dev");
  if (harness::find_program("h2load").empty()) GTEST_SKIP() << "nghttp2-client is not installed";
  examples::server http("http2_nghttp2");
  const outcome result = harness::run(
      {{"h2load", "-n", "3000", "-c", "30", "-m", "20", "http://" + http.address() + "/"}});
  EXPECT_NE(result.output.find("3000 succeeded"), std::string::npos) << describe(result);
  EXPECT_TRUE(http.is_well());
}

TEST(http2_nghttp2, serves_again_after_running_out_of_descriptors) {
  CONNARENA_NEEDS_EXAMPLE("http2_nghttp2", "libnghttp2-dev");
  examples::server http("http2_nghttp2");
  http.run_out_of_descriptors();
  // Its settings are the first that a session says: a frame of type 4 without content.
  EXPECT_EQ(http.connect().receive(9), std::string("\0\0\0\4\0\0\0\0\0", 9));
  EXPECT_TRUE(http.is_well());
}

}  // namespace
