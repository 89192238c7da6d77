// What a single round ends with: what came back, and no verdict.
#include "report/gains.hpp"

#include <gtest/gtest.h>

#include "measured.hpp"
#include "report/table.hpp"

namespace {

const std::vector<std::string> allocators = {"glibc", "jemalloc-bg", "connarena"};

demo::results one_round() {
  demo::results all;
  measured::add(all, "glibc", {100}, {10, 110, 80});
  measured::add(all, "jemalloc-bg", {100}, {10, 112, 60});
  measured::add(all, "connarena", {97.5}, {10, 111, 12});
  for (const double seconds : {-1.0, 0.0, 0.15, 0.25, 0.35}) {
    all.trials.back().curve.push_back({seconds, seconds < 0.25 ? 111.0 : 13.0});
  }
  return all;
}

TEST(gains, of_one_round_are_a_line_a_program) {
  const auto gains = demo::gains_of(one_round(), {"redis"}, allocators);
  ASSERT_EQ(gains.size(), 1U);
  EXPECT_EQ(gains.front().line,
            "redis: 99.0 MiB back within 0.3 s of the close; kept beyond what is in use: 2.0 "
            "(glibc 70.0, jemalloc-bg 50.0); at 0.97 of glibc's throughput, peak 111.0 to its "
            "110.0");
}

TEST(gains, without_a_curve_took_the_second_that_was_measured) {
  demo::results all = one_round();
  all.trials.back().curve.clear();
  const auto gains = demo::gains_of(all, {"redis"}, {"connarena"});
  EXPECT_NE(gains.front().line.find("within 1.0 s"), std::string::npos) << gains.front().line;
}

TEST(gains, name_the_program_that_gave_back_most) {
  EXPECT_EQ(demo::most_telling({{"a", 1, ""}, {"b", 3, ""}, {"c", 2, ""}}), "b");
  EXPECT_EQ(demo::most_telling({}), "");
}

TEST(findings, of_one_round_have_no_verdict) {
  demo::program redis{};
  redis.name = "redis";
  const std::string said =
      demo::make_findings(one_round(), {redis}, allocators, demo::table_style::text);
  EXPECT_EQ(said.find("NOT MET"), std::string::npos) << said;
  EXPECT_NE(said.find("99.0 MiB back"), std::string::npos) << said;
}

TEST(findings, of_two_rounds_have_one) {
  demo::results all;
  measured::add(all, "glibc", {100, 100});
  measured::add(all, "connarena", {100, 100});
  demo::program redis{};
  redis.name = "redis";
  const std::string said = demo::make_findings(all, {redis}, allocators, demo::table_style::text);
  EXPECT_NE(said.find("redis: met, as far as it could be judged"), std::string::npos) << said;
}

}  // namespace
