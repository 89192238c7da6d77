// What a core file of the process holds: what its blocks hold, and not the address
// space that is only reserved.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace {

struct mapping {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool is_dumped = true;
};

/// The mapping of an entry's first line, "begin-end flags ...".
bool is_header(const std::string& line, mapping& entry) {
  char dash = 0;
  std::istringstream words(line);
  mapping read;
  if (!(words >> std::hex >> read.begin >> dash >> read.end) || dash != '-') return false;
  entry = read;
  return true;
}

/// Calls `visit(mapping)` for each mapping of the process.
template <typename Visit>
void for_each_mapping(Visit visit) {
  std::ifstream entries("/proc/self/smaps");
  mapping current;
  for (std::string line; std::getline(entries, line);) {
    if (is_header(line, current)) continue;
    if (line.rfind("VmFlags:", 0) != 0) continue;
    current.is_dumped = line.find(" dd") == std::string::npos;
    visit(current);
  }
}

TEST(core_file, holds_blocks_and_no_reserved_addresses) {
  const connarena_t arena = connarena_create(nullptr);
  void* const blocks[] = {connarena_malloc(arena, 100), connarena_malloc(arena, 2000),
                          connarena_malloc(arena, 3 << 20)};
  for (void* each : blocks) ASSERT_NE(each, nullptr);
  std::size_t dumped_bytes = 0;
  std::size_t dumped_blocks = 0;
  for_each_mapping([&](const mapping& each) {
    if (!each.is_dumped) return;
    dumped_bytes += each.end - each.begin;
    for (const void* block : blocks) {
      const auto at = reinterpret_cast<std::uintptr_t>(block);
      if (at >= each.begin && at < each.end) ++dumped_blocks;
    }
  });
  EXPECT_EQ(dumped_blocks, std::size(blocks));
  // Each part and table of the region is committed in steps of at most 32 MiB.
  EXPECT_LT(dumped_bytes, std::size_t{1} << 30);
  connarena_destroy(arena);
}

}  // namespace
