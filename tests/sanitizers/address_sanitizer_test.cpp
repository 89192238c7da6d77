// A program that is compiled with AddressSanitizer and uses the ordinary library: each
// fault in an arena's memory is reported with the line that commits it.
#include <gtest/gtest.h>

#include <string>

#include "harness/child_process.hpp"

namespace {

harness::outcome run_case(const std::string& name) {
  // clang's runtime asks before it uses addr2line.
  return harness::run({{FAULTY_PROGRAM, name}, {"ASAN_OPTIONS=allow_addr2line=1:detect_leaks=1"}});
}

struct expectation {
  const char* name;
  const char* kind;
};

constexpr const char* used_after_free = "heap-use-after-free";

constexpr expectation expectations[] = {
    {"use_after_free", used_after_free},
    {"use_after_release", used_after_free},
    {"use_after_destroy", used_after_free},
    {"use_of_what_was_freed_before_close", used_after_free},
    {"use_of_a_freed_survivor", used_after_free},
    {"use_after_realloc", used_after_free},
    {"write_past_the_end", "heap-buffer-overflow"},
    {"double_free", "attempting double-free"},
    {"use_after_arena_is_gone", used_after_free},
    {"use_after_arena_release", used_after_free},
    {"use_after_deallocate", used_after_free},
    {"use_after_synchronized_arena_is_gone", used_after_free},
};

class address_sanitizer : public ::testing::TestWithParam<expectation> {};

TEST_P(address_sanitizer, names_the_line_of_a) {
  const harness::outcome result = run_case(GetParam().name);
  EXPECT_EQ(result.exit_code, 1) << harness::describe(result);
  EXPECT_NE(result.errors.find(GetParam().kind), std::string::npos) << result.errors;
  const std::string line = result.output.substr(0, result.output.find('\n'));
  EXPECT_NE(result.errors.find("faulty_program.cpp:" + line), std::string::npos) << line << '\n'
                                                                                 << result.errors;
}

INSTANTIATE_TEST_SUITE_P(each, address_sanitizer, ::testing::ValuesIn(expectations),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(address_sanitizer, finds_nothing_in_survivors_and_draining_resources) {
  const harness::outcome result = run_case("no_fault");
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
  EXPECT_EQ(result.errors, "");
}

TEST(address_sanitizer, takes_nothing_for_a_leak_that_a_block_points_at) {
  const harness::outcome result = run_case("no_leak");
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
  EXPECT_EQ(result.errors, "");
}

}  // namespace
