// What `cmake --install` puts where.
#include <gtest/gtest.h>

#include <fstream>

#include "install/installation.hpp"

namespace {

namespace fs = std::filesystem;

TEST(installation, has_the_documented_files) {
  for (const char* file :
       {"include/connarena/arena.hpp", "include/connarena/scope.hpp",
        "include/connarena/connarena.h", "include/connarena/jemalloc_arena_resource.hpp",
        "include/connarena/mimalloc_heap_resource.hpp", "lib/libconnarena.so", "lib/libconnarena.a",
        "lib/pkgconfig/connarena.pc", "lib/cmake/connarena/connarenaConfig.cmake",
        "share/man/man3/connarena.3"}) {
    EXPECT_TRUE(fs::exists(install::prefix() / file)) << file;
  }
  if (HAS_SHIM) {
    EXPECT_TRUE(fs::exists(install::prefix() / "lib/libconnarena_preload.so"));
    EXPECT_TRUE(fs::exists(install::prefix() / "bin/connarena"));
    EXPECT_TRUE(fs::exists(install::prefix() / "share/man/man1/connarena.1"));
    EXPECT_TRUE(fs::exists(install::prefix() / "share/bash-completion/completions/connarena"));
  }
}

TEST(installation, has_only_public_headers) {
  std::size_t count = 0;
  for (const auto& each : fs::recursive_directory_iterator(install::prefix() / "include")) {
    if (each.is_regular_file()) ++count;
  }
  EXPECT_EQ(count, 7u);
}

TEST(installation, names_no_folder_it_was_built_or_first_put_in) {
  for (const auto& each : fs::recursive_directory_iterator(install::prefix())) {
    const std::string ending = each.path().extension();
    if (ending != ".cmake" && ending != ".pc") continue;
    std::ifstream file(each.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(text.find(BUILD_FOLDER), std::string::npos) << each.path();
  }
}

}  // namespace
