// Every input of the corpus, in one process and in the order of names.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "fuzz/session.hpp"

namespace {

TEST(fuzz, corpus_agrees_with_the_reference) {
  std::set<std::filesystem::path> names;
  for (const auto& each : std::filesystem::directory_iterator(FUZZ_CORPUS)) names.insert(each);
  ASSERT_FALSE(names.empty());
  for (const std::filesystem::path& name : names) {
    SCOPED_TRACE(name.filename().string());
    std::ifstream file(name, std::ios::binary);
    const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
    fuzz::run_input(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
