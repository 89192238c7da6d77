// The recipes for vcpkg and Conan, as far as they can be tried without these: what they give the
// build is what it takes, and what they name is there.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "install/installation.hpp"

namespace {

namespace fs = std::filesystem;
using harness::describe;
using harness::outcome;

constexpr const char* port = SOURCE_FOLDER "/cmake/packages/vcpkg/connarena/portfile.cmake";
constexpr const char* recipe = SOURCE_FOLDER "/cmake/packages/conan/conanfile.py";

std::string contents_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex searched(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator each(text.begin(), text.end(), searched), end; each != end; ++each) {
    found.insert((*each)[1]);
  }
  return found;
}

TEST(vcpkg_port, gives_the_build_options_that_it_takes) {
  const std::set<std::string> options = matches(contents_of(port), "-D(CONNARENA_[A-Z_]+=[A-Z]+)");
  ASSERT_GE(options.size(), 3u);
  std::vector<std::string> command{CMAKE_PROGRAM,
                                   "-S",
                                   SOURCE_FOLDER,
                                   "-B",
                                   install::fresh_folder("port"),
                                   "-DCMAKE_C_COMPILER=" C_COMPILER,
                                   "-DCMAKE_CXX_COMPILER=" CXX_COMPILER};
  for (const std::string& each : options) command.push_back("-D" + each);
  const outcome configured = harness::run({command}, install::build_patience);
  EXPECT_TRUE(configured.succeeded()) << describe(configured);
  EXPECT_EQ(configured.errors.find("not used by the project"), std::string::npos)
      << configured.errors;
  for (const char* left_out : {"connarena::jemalloc", "connarena::mimalloc"}) {
    EXPECT_NE(configured.output.find(left_out + std::string(" is left out")), std::string::npos)
        << configured.output;
  }
}

TEST(conan_recipe, gives_the_build_what_the_port_does) {
  EXPECT_EQ(matches(contents_of(recipe), "cache_variables\\[\"(CONNARENA_[A-Z_]+)\"\\]"),
            matches(contents_of(port), "-D(CONNARENA_[A-Z_]+)="));
}

TEST(conan_recipe, is_a_program_of_python) {
  if (harness::find_program("python3").empty()) GTEST_SKIP() << "python3 is not installed";
  const outcome read = harness::run(
      {{"python3", "-c", "import ast, sys; ast.parse(sys.stdin.read())"}, {}, contents_of(recipe)});
  EXPECT_TRUE(read.succeeded()) << describe(read);
}

TEST(vcpkg_port, has_a_manifest_with_the_fields_that_it_needs) {
  if (harness::find_program("python3").empty()) GTEST_SKIP() << "python3 is not installed";
  const char* const look = R"(
import json, sys
port = json.load(sys.stdin)
assert set(port) <= {"name", "version", "port-version", "description", "homepage",
                     "documentation", "license", "supports", "dependencies"}, set(port)
assert port["name"] == "connarena" and port["license"] == "MIT", port
assert all(each["host"] for each in port["dependencies"]), "helpers run where it is built"
)";
  const outcome read = harness::run(
      {{"python3", "-c", look}, {}, contents_of(fs::path(port).parent_path() / "vcpkg.json")});
  EXPECT_TRUE(read.succeeded()) << describe(read);
}

// What each takes from the clone, relative to where it lies.
TEST(recipes, find_the_project_from_where_they_lie) {
  EXPECT_TRUE(fs::equivalent(fs::path(port).parent_path() / "../../../..", SOURCE_FOLDER));
  EXPECT_TRUE(fs::equivalent(fs::path(recipe).parent_path() / "../../..", SOURCE_FOLDER));
  for (const char* taken : {"CMakeLists.txt", "LICENSE", "allocator/include/connarena/version.h"}) {
    EXPECT_TRUE(fs::exists(fs::path(SOURCE_FOLDER) / taken)) << taken;
  }
}

}  // namespace
