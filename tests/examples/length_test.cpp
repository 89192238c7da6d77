// An example is read in one go.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

constexpr std::ptrdiff_t most_lines = 149;

TEST(examples, are_short) {
  namespace fs = std::filesystem;
  for (const auto& each : fs::recursive_directory_iterator(SOURCE_FOLDER "/docs/examples")) {
    if (!each.is_regular_file()) continue;
    std::ifstream file(each.path());
    const auto lines = std::count(std::istreambuf_iterator<char>(file), {}, '\n');
    EXPECT_LE(lines, most_lines) << each.path();
  }
}

}  // namespace
