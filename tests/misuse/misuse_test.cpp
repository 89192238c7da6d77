// Every misuse ends the process by SIGABRT with exactly one fixed line.
#include <gtest/gtest.h>
#include <signal.h>

#include <regex>
#include <string>

#include "harness/child_process.hpp"

namespace {

struct expectation {
  const char* name;
  const char* line;  ///< after "connarena: "; @ stands for the address the child announced
};

constexpr const char* double_free = "double free of @";
constexpr const char* not_a_block = "free of @, which is not the start of a live block";
constexpr const char* wrong_arena = "free of @, which does not belong to this arena";
constexpr const char* released = "free of @ into a released arena";

constexpr expectation expectations[] = {
    {"c_wrong_size_smaller", "size 64 does not fit the block at @"},
    {"c_wrong_size_larger", "size 640 does not fit the block at @"},
    {"c_wrong_size_page_smaller", "size 64 does not fit the block at @"},
    {"c_wrong_size_page_half", "size 9000 does not fit the block at @"},
    {"c_wrong_size_page_larger", "size 30000 does not fit the block at @"},
    {"c_double_free_with_size_small", double_free},
    {"c_double_free_with_size_page", double_free},
    {"c_double_free_small", double_free},
    {"c_double_free_large_class", double_free},
    {"c_double_free_page", double_free},
    {"c_double_free_huge", double_free},
    {"c_double_free_first_block", double_free},
    {"c_double_free_by_another_thread", double_free},
    {"c_double_free_page_by_another_thread", double_free},
    {"c_double_free_survivor", double_free},
    {"c_free_inside_small_next_granule", not_a_block},
    {"c_free_inside_small_odd_address", not_a_block},
    {"c_free_inside_page_block", not_a_block},
    {"c_free_inside_page_block_odd_address", not_a_block},
    {"c_free_inside_page_block_next_line", not_a_block},
    {"c_free_before_page_block", not_a_block},
    {"c_free_of_stack", not_a_block},
    {"c_free_of_malloc", not_a_block},
    {"c_free_before_any_arena", not_a_block},
    {"c_free_after_release_small", released},
    {"c_free_after_release_page", released},
    {"c_free_after_destroy_small", released},
    {"c_free_after_destroy_page", released},
    {"c_free_after_destroy_in_the_next_arenas_place", not_a_block},
    {"c_double_free_after_close", released},
    {"arena_double_free_small", double_free},
    {"arena_double_free_page", double_free},
    {"arena_free_into_another_small", wrong_arena},
    {"arena_free_into_another_page", wrong_arena},
    {"arena_free_of_malloc", wrong_arena},
    {"arena_free_after_release_small", released},
    {"arena_free_after_release_page", released},
    {"arena_wrong_size_smaller", "size 64 does not fit the block at @"},
    {"arena_wrong_size_larger", "size 640 does not fit the block at @"},
    {"arena_wrong_size_page", "size 64 does not fit the block at @"},
    {"synchronized_arena_double_free_small", double_free},
    {"synchronized_arena_double_free_page", double_free},
    {"synchronized_arena_free_into_another", wrong_arena},
    {"synchronized_arena_free_of_malloc", wrong_arena},
    {"synchronized_arena_free_after_release", released},
    {"synchronized_arena_wrong_size", "size 64 does not fit the block at @"},
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

class misuse : public ::testing::TestWithParam<expectation> {};

TEST_P(misuse, aborts_with_one_line) {
  const harness::outcome result = harness::run({{MISUSE_PROGRAM, GetParam().name}});
  std::string expected = std::string("connarena: ") + GetParam().line + "\n";
  expected.replace(expected.find('@'), 1, first_line(result.output));
  EXPECT_EQ(result.signal, SIGABRT) << harness::describe(result);
  EXPECT_EQ(result.errors, expected);
}

INSTANTIATE_TEST_SUITE_P(each, misuse, ::testing::ValuesIn(expectations),
                         [](const auto& each) { return std::string(each.param.name); });

class corruption : public ::testing::TestWithParam<const char*> {};

TEST_P(corruption, of_a_free_list_aborts_with_one_line) {
  const harness::outcome result = harness::run({{MISUSE_PROGRAM, GetParam()}});
  EXPECT_EQ(result.signal, SIGABRT) << harness::describe(result);
  EXPECT_TRUE(std::regex_match(result.errors,
                               std::regex("connarena: corrupted free list near 0x[0-9a-f]+\n")))
      << result.errors;
}

INSTANTIATE_TEST_SUITE_P(each, corruption,
                         ::testing::Values("c_corrupted_free_list", "arena_corrupted_free_list",
                                           "synchronized_arena_corrupted_free_list"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
