// The project inside somebody else's: it changes nothing there, and gives a library.
#include <gtest/gtest.h>

#include "install/installation.hpp"

namespace {

namespace fs = std::filesystem;
using harness::describe;
using harness::outcome;

struct embedding {
  const char* how;
  const char* shared;  ///< what the host says of BUILD_SHARED_LIBS
  const char* library;
  bool has_static_file;
  bool has_shared_file;
};

class embedded : public ::testing::TestWithParam<embedding> {};

/// Below `folder`, as paths from there.
std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& each : fs::recursive_directory_iterator(folder)) {
    if (!each.is_directory()) files.push_back(each.path().lexically_relative(folder).string());
  }
  return files;
}

bool has_file(const fs::path& folder, const std::string& name) {
  for (const std::string& each : files_below(folder)) {
    if (fs::path(each).filename() == name) return true;
  }
  return false;
}

TEST_P(embedded, leaves_the_host_as_it_is_and_is_linked) {
  const embedding& asked = GetParam();
  const fs::path build = install::fresh_folder("host");
  std::vector<std::string> arguments{CMAKE_PROGRAM,
                                     "-S",
                                     SOURCE_FOLDER "/tests/install/host",
                                     "-B",
                                     build.string(),
                                     "-DCMAKE_C_COMPILER=" C_COMPILER,
                                     "-DCMAKE_CXX_COMPILER=" CXX_COMPILER,
                                     "-DCONNARENA_SOURCE=" SOURCE_FOLDER,
                                     std::string("-DHOW=") + asked.how};
  if (*asked.shared != '\0')
    arguments.push_back(std::string("-DBUILD_SHARED_LIBS=") + asked.shared);
  const outcome configured = harness::run({arguments});
  ASSERT_TRUE(configured.succeeded()) << describe(configured);
  for (const std::string& line :
       {std::string("build type: ''"), std::string("folder of libraries: ''"),
        std::string("standard: '17'"), "library: '" + std::string(asked.library) + "'"}) {
    EXPECT_NE(configured.output.find("-- " + line + "\n"), std::string::npos)
        << line << " is not in " << configured.output;
  }

  const outcome built = harness::run(
      {{CMAKE_PROGRAM, "--build", build.string(), "--parallel", "2"}}, install::build_patience);
  ASSERT_TRUE(built.succeeded()) << describe(built);
  EXPECT_EQ(has_file(build, "libconnarena.a"), asked.has_static_file);
  EXPECT_EQ(has_file(build, "libconnarena.so"), asked.has_shared_file);
  EXPECT_FALSE(has_file(build, "libconnarena_preload.so"));
  for (const char* program : {"host", "host_c"}) {
    const outcome result = harness::run({{(build / program).string()}});
    EXPECT_EQ(result.output, "consumer works\n") << program << ": " << describe(result);
  }

  const fs::path prefix = install::fresh_folder("host-prefix");
  const outcome installed =
      harness::run({{CMAKE_PROGRAM, "--install", build.string(), "--prefix", prefix.string()}});
  ASSERT_TRUE(installed.succeeded()) << describe(installed);
  EXPECT_EQ(files_below(prefix), std::vector<std::string>{"bin/host"});
}

constexpr embedding ways[] = {
    {"add_subdirectory", "", "STATIC_LIBRARY", true, false},
    {"FetchContent", "ON", "SHARED_LIBRARY", false, true},
};

INSTANTIATE_TEST_SUITE_P(project, embedded, ::testing::ValuesIn(ways),
                         [](const auto& each) { return std::string(each.param.how); });

}  // namespace
