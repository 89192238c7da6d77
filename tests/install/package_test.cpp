// What find_package answers to versions and components.
#include <gtest/gtest.h>

#include <fstream>

#include "install/installation.hpp"

namespace {

namespace fs = std::filesystem;
using harness::describe;
using harness::outcome;

/// Configures a project that finds the installed package so, and then runs `after`.
outcome find_package(const std::string& request, const std::string& after = "") {
  const fs::path folder = install::fresh_folder("find-package");
  std::ofstream(folder / "CMakeLists.txt")
      << "cmake_minimum_required(VERSION 3.19)\nproject(finder LANGUAGES CXX)\n"
      << "find_package(connarena " << request << ")\n"
      << after << "\n";
  return harness::run({{CMAKE_PROGRAM, "-S", folder.string(), "-B", (folder / "build").string(),
                        "-DCMAKE_CXX_COMPILER=" CXX_COMPILER,
                        "-DCMAKE_PREFIX_PATH=" + install::prefix().string()}});
}

class accepted : public ::testing::TestWithParam<const char*> {};

TEST_P(accepted, version_is_found) {
  const outcome result = find_package(std::string(GetParam()) + " REQUIRED");
  EXPECT_TRUE(result.succeeded()) << describe(result);
}

INSTANTIATE_TEST_SUITE_P(package, accepted,
                         ::testing::Values("", "0", "0.1", "0.1.0", "0.1.0 EXACT", "0.1...<0.3",
                                           "0.1...0.1.0", "0.0.5...1", "0.1...<0.1.1"));

class refused : public ::testing::TestWithParam<const char*> {};

TEST_P(refused, version_is_named_with_the_one_that_is_there) {
  const outcome result = find_package(std::string(GetParam()) + " REQUIRED");
  EXPECT_FALSE(result.succeeded());
  EXPECT_NE(result.errors.find("version: 0.1.0"), std::string::npos) << describe(result);
}

INSTANTIATE_TEST_SUITE_P(package, refused,
                         ::testing::Values("0.2", "0.0.9", "1", "0.1.1", "0.2...<0.3",
                                           "0.0.1...<0.1.0", "0.0.1...0.0.9"));

TEST(package, has_a_target_for_each_component) {
  std::string each = "shared static jemalloc mimalloc";
  if (HAS_SHIM) each += " preload launcher";
  const outcome result = find_package("0.1 REQUIRED COMPONENTS " + each, R"(
foreach(each connarena )" + each + R"()
  if(NOT TARGET connarena::${each})
    message(FATAL_ERROR "no target ${each}")
  endif()
endforeach()
if(NOT connarena_static_FOUND)
  message(FATAL_ERROR "not said to be found")
endif())");
  EXPECT_TRUE(result.succeeded()) << describe(result);
}

TEST(package, asked_twice_answers_twice) {
  const outcome result = find_package("REQUIRED", "find_package(connarena REQUIRED)");
  EXPECT_TRUE(result.succeeded()) << describe(result);
}

TEST(package, without_a_component_says_which_there_are) {
  const outcome result = find_package("REQUIRED COMPONENTS shared sharde");
  EXPECT_FALSE(result.succeeded());
  EXPECT_NE(result.errors.find("no component \"sharde\""), std::string::npos) << describe(result);
  EXPECT_NE(result.errors.find("here are: shared, static"), std::string::npos) << describe(result);
}

TEST(package, without_an_optional_component_is_found_and_says_so) {
  const outcome result = find_package("REQUIRED COMPONENTS static OPTIONAL_COMPONENTS sharde", R"(
if(connarena_sharde_FOUND OR NOT connarena_FOUND)
  message(FATAL_ERROR "wrongly found")
endif())");
  EXPECT_TRUE(result.succeeded()) << describe(result);
}

}  // namespace
