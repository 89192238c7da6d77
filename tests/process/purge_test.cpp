// Several stretches of pages are returned at once, also where the system refuses one of them.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>

#include "harness/expect_works.hpp"
#include "os/os.hpp"

namespace {

namespace os = connarena::os;

// More than one call takes.
constexpr std::size_t stretch_count = 100;

enum class calls { common, uncommon };

/// Returns every other page of a mapping, of which one is locked. Exit codes: 0, 1 no memory, 2
/// one has not gone, 3 it still has its bytes, 4 another has lost them, 5 the count is wrong.
template <calls Which>
int return_every_other_page() {
  if (Which == calls::uncommon) os::allow_uncommon_calls();
  const std::size_t page = os::page_bytes();
  const std::size_t bytes = 2 * stretch_count * page;
  void* const mapped =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return 1;
  char* const pages = static_cast<char*>(mapped);
  std::memset(pages, 'x', bytes);
  os::stretch stretches[stretch_count];
  for (std::size_t i = 0; i < stretch_count; ++i) stretches[i] = {pages + 2 * i * page, page};
  if (mlock(stretches[stretch_count / 2].address, page) != 0) return 1;
  bool have_gone[stretch_count]{};
  const std::uint64_t before = os::purged_bytes();
  os::purge_each(stretches, stretch_count, have_gone);
  for (std::size_t i = 0; i < stretch_count; ++i) {
    if (!have_gone[i]) return 2;
    if (pages[2 * i * page] != 0) return 3;
    if (pages[(2 * i + 1) * page] != 'x') return 4;
  }
  return os::purged_bytes() - before == stretch_count * page ? 0 : 5;
}

TEST(purge_each, returns_all_by_common_calls) {
  harness::expect_works(return_every_other_page<calls::common>);
}

TEST(purge_each, returns_all_by_few_calls) {
  harness::expect_works(return_every_other_page<calls::uncommon>);
}

}  // namespace
