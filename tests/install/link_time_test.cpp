// The preload library, optimized as it is linked, is the same to whoever runs under it.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "install/installation.hpp"
#include "install/variant.hpp"

namespace {

using harness::describe;
using harness::outcome;

std::vector<std::string> sorted_lines(const std::vector<std::string>& command) {
  const outcome result = harness::run({command});
  EXPECT_TRUE(result.succeeded()) << describe(result);
  std::istringstream text(result.output);
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> names_in(const std::string& library) {
  return sorted_lines({"nm", "-D", "-j", "--defined-only", library});
}

TEST(link_time_optimization, keeps_what_the_preload_library_replaces) {
  const std::string library =
      (install::build_variant("link-time",
                              {"-DCMAKE_BUILD_TYPE=None", "-DCMAKE_CXX_FLAGS=-O1 -flto -Werror"},
                              {"connarena_preload"}) /
       "shim/libconnarena_preload.so")
          .string();
  EXPECT_EQ(names_in(library), names_in(PRELOAD_LIBRARY));
  for (const std::string& name : sorted_lines({WRAPPER_PROGRAM, "list"})) {
    const outcome result =
        harness::run({{WRAPPER_PROGRAM, "case", name}, {"LD_PRELOAD=" + library}});
    EXPECT_EQ(result.exit_code, 0) << name << ": " << describe(result);
  }
}

}  // namespace
