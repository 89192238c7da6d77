// The public headers compile alone, in every language they promise.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/child_process.hpp"

namespace {

struct way {
  const char* name;
  const char* compiler;
  const char* language;
  const char* standard;
  const char* header;
  const char* define;
};

constexpr way ways[] = {
    {"c99", C_COMPILER, "c", "-std=c99", "connarena/connarena.h", "UNUSED"},
    {"c11", C_COMPILER, "c", "-std=c11", "connarena/connarena.h", "UNUSED"},
    {"c99_weak", C_COMPILER, "c", "-std=c99", "connarena/connarena.h", "CONNARENA_WEAK"},
    {"cpp11", CXX_COMPILER, "c++", "-std=c++11", "connarena/connarena.h", "UNUSED"},
    {"cpp_weak", CXX_COMPILER, "c++", "-std=c++20", "connarena/connarena.h", "CONNARENA_WEAK"},
    {"arena_cpp17", CXX_COMPILER, "c++", "-std=c++17", "connarena/arena.hpp", "UNUSED"},
    {"arena_cpp20", CXX_COMPILER, "c++", "-std=c++20", "connarena/arena.hpp", "UNUSED"},
    {"allocator_cpp17", CXX_COMPILER, "c++", "-std=c++17", "connarena/allocator.hpp", "UNUSED"},
    {"scope_cpp17", CXX_COMPILER, "c++", "-std=c++17", "connarena/scope.hpp", "UNUSED"},
    {"jemalloc_cpp17", CXX_COMPILER, "c++", "-std=c++17", "connarena/jemalloc_arena_resource.hpp",
     "UNUSED"},
    {"mimalloc_cpp17", CXX_COMPILER, "c++", "-std=c++17", "connarena/mimalloc_heap_resource.hpp",
     "UNUSED"},
};

std::string including(const way& each) {
  return std::string("#include <") + each.header + ">\nint main(void) { return 0; }\n";
}

class public_header : public ::testing::TestWithParam<way> {};

TEST_P(public_header, compiles_alone) {
  const way& each = GetParam();
  const harness::outcome result =
      harness::run({{each.compiler, each.standard, "-pedantic-errors", "-Wall", "-Wextra",
                     "-Wshadow", "-Werror", "-fsyntax-only", std::string("-D") + each.define, "-I",
                     SOURCE_FOLDER "/allocator/include", "-x", each.language, "-"},
                    {},
                    including(each)});
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
}

class old_language : public ::testing::TestWithParam<const char*> {};

TEST_P(old_language, gets_one_error_that_says_what_is_needed) {
  const harness::outcome result =
      harness::run({{CXX_COMPILER, "-std=c++14", "-fsyntax-only", "-I",
                     SOURCE_FOLDER "/allocator/include", "-x", "c++", "-"},
                    {},
                    std::string("#include <connarena/") + GetParam() + ">\n"});
  EXPECT_FALSE(result.succeeded());
  EXPECT_NE(result.errors.find("connarena needs C++17"), std::string::npos) << result.errors;
  EXPECT_EQ(result.errors.find("error:"), result.errors.rfind("error:")) << result.errors;
}

INSTANTIATE_TEST_SUITE_P(each, old_language,
                         ::testing::Values("arena.hpp", "allocator.hpp", "scope.hpp",
                                           "jemalloc_arena_resource.hpp",
                                           "mimalloc_heap_resource.hpp"));

INSTANTIATE_TEST_SUITE_P(each, public_header, ::testing::ValuesIn(ways),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
