// What connections leave behind under the preload library: nothing.
#include <unistd.h>

#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class connection : public ::testing::TestWithParam<const char*> {};

TEST_P(connection, under_the_preload_library) {
  const harness::outcome result =
      harness::run({{CONNECTION_PROGRAM, GetParam()}, environment_for(start::preloaded)},
                   std::chrono::seconds(200));
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  EXPECT_EQ(result.errors, "");
}

INSTANTIATE_TEST_SUITE_P(
    each, connection,
    ::testing::Values("connects_refused_at_once", "connects_refused_later",
                      "connects_refused_on_one_descriptor", "reconnects_over_one_descriptor",
                      "connections_come_and_go", "descriptor_names_its_arena",
                      "duplicate_keeps_the_arena", "wait_returns_idle_memory", "signal_ends_a_wait",
                      "thread_that_ends_leaves_nothing_idle", "refuses_what_the_system_refuses",
                      "later_limit_leaves_room"),
    [](const auto& each) { return std::string(each.param); });

TEST(weak_face, is_absent_without_the_preload_library) {
  constexpr int not_preloaded = 20;
  const harness::outcome result = harness::run({{CONNECTION_PROGRAM, "any"}});
  EXPECT_EQ(result.exit_code, not_preloaded) << harness::describe(result);
}

TEST(one_core, serves_the_library_and_malloc_under_the_preload_library) {
  const harness::outcome result =
      harness::run({{ONE_CORE_PROGRAM}, environment_for(start::preloaded)});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

class base_allocator : public ::testing::TestWithParam<const char*> {};

TEST_P(base_allocator, is_found_behind_the_preload_library) {
  const std::string library = std::string("/usr/lib/x86_64-linux-gnu/") + GetParam();
  if (::access(library.c_str(), R_OK) != 0) GTEST_SKIP() << GetParam() << " is not installed";
  const std::string stacked = std::string("LD_PRELOAD=" PRELOAD_LIBRARY " ") + library;
  const harness::outcome result =
      harness::run({{CONNECTION_PROGRAM, "connections_come_and_go"}, {stacked}});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

INSTANTIATE_TEST_SUITE_P(each, base_allocator,
                         ::testing::Values("libjemalloc.so.2", "libmimalloc.so.2",
                                           "libtcmalloc_minimal.so.4"),
                         [](const auto& each) {
                           const std::string name = each.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
