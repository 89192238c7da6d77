// Every function that the preload library replaces has its effect, whatever the base
// allocator is; and every one has a case that says so.
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "programs/preload.hpp"

namespace {

std::vector<std::string> sorted_lines(const std::vector<std::string>& command) {
  const harness::outcome result = harness::run({command});
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
  std::istringstream text(result.output);
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// As the loader knows them, without the C API and its versions.
std::vector<std::string> replaced_functions() {
  std::vector<std::string> names;
  for (const std::string& line :
       sorted_lines({"nm", "-D", "-j", "--defined-only", PRELOAD_LIBRARY})) {
    if (line.rfind("connarena_", 0) == 0 || line.rfind("CONNARENA_", 0) == 0) continue;
    names.push_back(line);
  }
  return names;
}

TEST(wrapper, of_every_replaced_function_has_a_case) {
  EXPECT_EQ(sorted_lines({WRAPPER_PROGRAM, "list"}), replaced_functions());
}

class wrapper_over : public ::testing::TestWithParam<const char*> {};

TEST_P(wrapper_over, base_allocator_has_its_effect) {
  const std::string base = std::string("/usr/lib/" CONNARENA_ARCHITECTURE "/") + GetParam();
  if (::access(base.c_str(), R_OK) != 0) GTEST_SKIP() << GetParam() << " is not installed";
  const std::string preloads = std::string("LD_PRELOAD=" PRELOAD_LIBRARY " ") + base;
  for (const std::string& name : sorted_lines({WRAPPER_PROGRAM, "list"})) {
    const harness::outcome result = harness::run({{WRAPPER_PROGRAM, "case", name}, {preloads}});
    EXPECT_EQ(result.exit_code, 0) << name << ": " << harness::describe(result);
  }
}

INSTANTIATE_TEST_SUITE_P(each, wrapper_over,
                         ::testing::Values("libc.so.6", "libjemalloc.so.2", "libmimalloc.so.2",
                                           "libtcmalloc_minimal.so.4"),
                         [](const auto& each) {
                           const std::string name = each.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
