// Huge pages make nothing of a connection larger, whatever the system's setting: a
// program has it off, and otherwise it is what the system has. Where that is
// `always`, so is what is tested here.
#include <connarena/connarena.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <vector>

#include "api/core.hpp"
#include "harness/child_process.hpp"
#include "harness/mappings.hpp"
#include "harness/resident_memory.hpp"
#include "heap/region.hpp"

namespace {

using harness::kib;
using harness::mib;

constexpr std::size_t page_bytes = 4096;
/// What tables, 20 B for each KiB of runs, and the test's own lists may take.
constexpr std::ptrdiff_t tables_bytes = 4 * mib;

enum class setting { of_the_system, off };

setting current = setting::of_the_system;

void apply_setting() {
  if (current == setting::off) prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

/// Whether touching one page of each block makes no more than that resident.
template <std::size_t Bytes, std::size_t Count>
int touch_a_page_of_each() {
  apply_setting();
  const connarena_t arena = connarena_create(nullptr);
  std::vector<char*> blocks(Count);
  const harness::resident_growth growth;
  for (char*& each : blocks) {
    each = static_cast<char*>(connarena_malloc(arena, Bytes));
    if (each == nullptr) return 1;
    *each = 1;
  }
  return growth.bytes() <= static_cast<std::ptrdiff_t>(Count * page_bytes) + tables_bytes ? 0 : 2;
}

/// The same of connections with a small block each, of which five share a page.
int open_small_connections() {
  apply_setting();
  const harness::resident_growth growth;
  for (int i = 0; i < 2000; ++i) {
    *static_cast<char*>(connarena_malloc(connarena_create(nullptr), 300)) = 1;
  }
  return growth.bytes() <= static_cast<std::ptrdiff_t>(2000 * 2 * page_bytes / 5) + tables_bytes
             ? 0
             : 2;
}

/// Long runs in the pages of one that was resident as a whole.
int touch_a_page_of_each_again() {
  apply_setting();
  const connarena_t arena = connarena_create(nullptr);
  char* const all = static_cast<char*>(connarena_malloc(arena, 256 * mib));
  for (std::size_t at = 0; at < 256 * mib; at += page_bytes) all[at] = 1;
  connarena_free(all);
  connarena::core::trim();
  const harness::resident_growth growth;
  for (int i = 0; i < 100; ++i) *static_cast<char*>(connarena_malloc(arena, 2 * mib)) = 1;
  return growth.bytes() <= static_cast<std::ptrdiff_t>(100 * page_bytes) + tables_bytes ? 0 : 2;
}

class huge_pages : public ::testing::TestWithParam<setting> {
 protected:
  static void expect_works(int (*body)()) {
    current = GetParam();
    const harness::outcome result = harness::run_forked(body);
    EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  }
};

TEST_P(huge_pages, make_no_run_of_a_connection_larger) {
  expect_works(touch_a_page_of_each<2 * mib, 100>);
  expect_works(touch_a_page_of_each<64 * kib, 2000>);
  expect_works(touch_a_page_of_each_again);
}

TEST_P(huge_pages, make_no_small_connection_larger) { expect_works(open_small_connections); }

INSTANTIATE_TEST_SUITE_P(setting, huge_pages,
                         ::testing::Values(setting::of_the_system, setting::off));

// With `always` the kernel asks nothing but this flag.
TEST(huge_pages, are_forbidden_for_all_but_the_runs_of_nobody) {
  const connarena_t arena = connarena_create(nullptr);
  void* const first_block = connarena_malloc(arena, 100);
  void* const small_block = connarena_malloc(arena, 3000);
  void* const run = connarena_malloc(arena, 4 * mib);
  void* const unowned = connarena::core::allocate_unowned(4 * mib, 16);
  const auto is_forbidden = [](const void* address) {
    return harness::mapping_of(address).has("nh");
  };
  const connarena::region_state& region = connarena::region;
  for (const void* each : std::vector<const void*>{first_block, small_block, run, region.granules,
                                                   region.owners, region.infos, region.lanes}) {
    EXPECT_TRUE(is_forbidden(each));
  }
  EXPECT_FALSE(is_forbidden(unowned));
  connarena_free(unowned);
  connarena_destroy(arena);
}

}  // namespace
