// Somebody else's program finds the installed library by CMake and by pkg-config.
#include <gtest/gtest.h>

#include <tuple>

#include "install/installation.hpp"

namespace {

namespace fs = std::filesystem;
using harness::describe;
using harness::outcome;

const fs::path consumer_source = fs::path(SOURCE_FOLDER) / "tests/install/consumer";

void expect_works(const outcome& result) {
  EXPECT_TRUE(result.succeeded()) << describe(result);
  EXPECT_EQ(result.output, "consumer works\n");
}

/// Builds one target of the consumer's project; where it is.
fs::path build_consumer(const std::string& target) {
  const fs::path build = install::fresh_folder("cmake-" + target);
  const outcome configured =
      harness::run({{CMAKE_PROGRAM, "-S", consumer_source.string(), "-B", build.string(),
                     "-DCMAKE_PREFIX_PATH=" + install::prefix().string(),
                     "-DCMAKE_C_COMPILER=" C_COMPILER, "-DCMAKE_CXX_COMPILER=" CXX_COMPILER}});
  EXPECT_TRUE(configured.succeeded()) << describe(configured);
  const outcome built =
      harness::run({{CMAKE_PROGRAM, "--build", build.string(), "--target", target}});
  EXPECT_TRUE(built.succeeded()) << describe(built);
  return build;
}

TEST(cmake_consumer, that_is_the_project_of_examples_builds) {
  const fs::path build = install::fresh_folder("examples");
  const outcome configured =
      harness::run({{CMAKE_PROGRAM, "-S", SOURCE_FOLDER "/docs/examples", "-B", build.string(),
                     "-DCMAKE_PREFIX_PATH=" + install::prefix().string(),
                     "-DCMAKE_C_COMPILER=" C_COMPILER, "-DCMAKE_CXX_COMPILER=" CXX_COMPILER}});
  ASSERT_TRUE(configured.succeeded()) << describe(configured);
  // The others take the same way, and longer.
  for (const char* target : {"example_epoll_limits", "example_threads"}) {
    const outcome built = harness::run(
        {{CMAKE_PROGRAM, "--build", build.string(), "--target", target}}, install::build_patience);
    EXPECT_TRUE(built.succeeded()) << describe(built);
  }
}

TEST(cmake_consumer, builds_and_runs_with_the_shared_and_the_static_library) {
  const fs::path build = build_consumer("all");
  for (const char* program : {"consumer_cpp", "consumer_cpp_static", "consumer_c"}) {
    SCOPED_TRACE(program);
    expect_works(harness::run({{(build / program).string()}}));
  }
}

/// Compiles one source with what pkg-config says.
std::string compile(const char* compiler, const char* source, std::vector<std::string> options) {
  const fs::path folder = install::fresh_folder("pkg-config-consumer");
  const std::string program =
      (folder / fs::path(source).stem()).string() + "_" + std::to_string(options.size());
  std::vector<std::string> arguments{compiler, (consumer_source / source).string(), "-o", program};
  arguments.insert(arguments.end(), options.begin(), options.end());
  for (const std::string& each : install::pkg_config({"--cflags", "--libs"})) {
    arguments.push_back(each);
  }
  const outcome built = harness::run({arguments});
  EXPECT_TRUE(built.succeeded()) << describe(built);
  return program;
}

TEST(pkg_config_consumer, in_c_builds_and_runs) {
  const std::string program = compile(C_COMPILER, "consumer.c", {"-std=c99", "-pedantic-errors"});
  expect_works(install::run_with_libraries({program}));
}

TEST(pkg_config_consumer, in_cpp_builds_and_runs) {
  const std::string program = compile(CXX_COMPILER, "consumer.cpp", {"-std=c++17"});
  expect_works(install::run_with_libraries({program}));
}

TEST(pkg_config_consumer, with_hidden_visibility_builds_and_runs) {
  const std::string program =
      compile(CXX_COMPILER, "consumer.cpp", {"-std=c++20", "-fvisibility=hidden"});
  expect_works(install::run_with_libraries({program}));
}

TEST(pkg_config_consumer, that_is_static_builds_and_runs) {
  for (const auto& [compiler, standard, source] :
       {std::tuple(C_COMPILER, "-std=c99", "consumer.c"),
        std::tuple(CXX_COMPILER, "-std=c++17", "consumer.cpp")}) {
    const std::string program =
        (install::fresh_folder("static-program") / source).string() + ".out";
    std::vector<std::string> arguments{
        compiler, standard, "-static", (consumer_source / source).string(), "-o", program};
    for (const std::string& each : install::pkg_config({"--static", "--cflags", "--libs"})) {
      arguments.push_back(each);
    }
    const outcome built = harness::run({arguments});
    ASSERT_TRUE(built.succeeded()) << describe(built);
    expect_works(harness::run({{program}}));
  }
}

TEST(static_consumer, that_is_a_plug_in_shows_nothing_of_the_library) {
  const fs::path plug_in = build_consumer("plug_in") / "libplug_in.so";
  const outcome shown = harness::run({{"nm", "-D", "--defined-only", plug_in.string()}});
  EXPECT_NE(shown.output.find(" T main\n"), std::string::npos) << describe(shown);
  EXPECT_EQ(shown.output.find("connarena"), std::string::npos) << describe(shown);
}

TEST(static_consumer, in_c_needs_no_cpp_runtime) {
  const std::string program = (install::fresh_folder("static-consumer") / "consumer").string();
  const outcome built = harness::run({{C_COMPILER, (consumer_source / "consumer.c").string(), "-o",
                                       program, "-I" + (install::prefix() / "include").string(),
                                       (install::prefix() / "lib/libconnarena.a").string()}});
  ASSERT_TRUE(built.succeeded()) << describe(built);
  expect_works(harness::run({{program}}));
}

}  // namespace
