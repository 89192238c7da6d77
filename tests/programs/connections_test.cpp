// What connections leave behind under the preload library: nothing.
#include <unistd.h>

#include <tuple>

#include "programs/loopback.hpp"
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

TEST(weak_c_api, is_absent_without_the_preload_library) {
  constexpr int not_preloaded = 20;
  const harness::outcome result = harness::run({{CONNECTION_PROGRAM, "any"}});
  EXPECT_EQ(result.exit_code, not_preloaded) << harness::describe(result);
}

TEST(one_core, serves_the_library_and_malloc_under_the_preload_library) {
  const harness::outcome result =
      harness::run({{ONE_CORE_PROGRAM}, environment_for(start::preloaded)});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

/// Other preloads before ours, which see each call first, and after it.
class preload_order : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(preload_order, counts_connections) {
  const auto [above, below] = GetParam();
  std::string preloads = "LD_PRELOAD=";
  for (const std::string library : {above, PRELOAD_LIBRARY, below}) {
    if (library.empty()) continue;
    if (::access(library.c_str(), R_OK) != 0) GTEST_SKIP() << library << " is not installed";
    preloads += library + " ";
  }
  const programs::scratch_folder folder;
  const harness::outcome result = harness::run(
      {{CONNECTION_PROGRAM, "connections_come_and_go"},
       {preloads, "CONNARENA_REPORT=stderr", "DUMP_HEAPTRACK_OUTPUT=" + folder.file("heaptrack")}});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  for (const char* line : {"connections opened       10000", "connections closed       10000"}) {
    EXPECT_NE(result.errors.find(line), std::string::npos) << harness::describe(result);
  }
}

std::string library_name(const std::string& path) {
  const std::size_t begin = path.rfind("/lib") + 4;
  return path.empty() ? "nothing" : path.substr(begin, path.find('.') - begin);
}

INSTANTIATE_TEST_SUITE_P(
    each, preload_order,
    ::testing::Combine(::testing::Values("", "/usr/lib/heaptrack/libheaptrack_preload.so"),
                       ::testing::Values("", "/usr/lib/" CONNARENA_ARCHITECTURE "/libjemalloc.so.2",
                                         "/usr/lib/" CONNARENA_ARCHITECTURE "/libmimalloc.so.2",
                                         "/usr/lib/" CONNARENA_ARCHITECTURE
                                         "/libtcmalloc_minimal.so.4")),
    [](const auto& each) {
      return library_name(std::get<0>(each.param)) + "_above_" +
             library_name(std::get<1>(each.param)) + "_below";
    });

}  // namespace
