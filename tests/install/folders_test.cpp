// Libraries that go to another folder than lib are found there by all who look for them.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "install/installation.hpp"
#include "install/variant.hpp"

namespace {

namespace fs = std::filesystem;
using harness::describe;
using harness::outcome;

struct place {
  fs::path prefix;
  fs::path libraries;
};

/// Installed with `libdir`, and moved where that is relative.
place install_with(const std::string& libdir) {
  const fs::path first = install::fresh_folder("folders") / "first";
  const fs::path build = install::build_variant(
      "folders", {"-DCMAKE_BUILD_TYPE=None", "-DCMAKE_INSTALL_PREFIX=" + first.string(),
                  "-DCMAKE_INSTALL_LIBDIR=" + libdir});
  const outcome installed = harness::run({{CMAKE_PROGRAM, "--install", build.string()}});
  EXPECT_TRUE(installed.succeeded()) << describe(installed);
  if (fs::path(libdir).is_absolute()) return {first, libdir};
  const fs::path moved = first.parent_path() / "moved";
  fs::rename(first, moved);
  return {moved, moved / libdir};
}

void expect_found_by_the_launcher(const place& where) {
  const outcome result = harness::run(
      {{(where.prefix / "bin/connarena").string(), "run", "/bin/sh", "-c", "cat /proc/self/maps"}});
  const std::string library = (where.libraries / "libconnarena_preload.so").string();
  EXPECT_NE(result.output.find(library), std::string::npos) << library << describe(result);
}

void expect_found_by_pkg_config(const place& where) {
  const std::string path = "PKG_CONFIG_PATH=" + (where.libraries / "pkgconfig").string();
  const auto variable_of = [&](const std::string& name) {
    const outcome result =
        harness::run({{"pkg-config", "--variable=" + name, "connarena"}, {path}});
    return fs::weakly_canonical(result.output.substr(0, result.output.find('\n')));
  };
  EXPECT_EQ(variable_of("libdir"), where.libraries);
  EXPECT_TRUE(fs::exists(variable_of("includedir") / "connarena/connarena.h"));
}

void expect_found_by_cmake(const place& where) {
  const fs::path build = install::fresh_folder("folders-consumer");
  const outcome configured = harness::run(
      {{CMAKE_PROGRAM, "-S", SOURCE_FOLDER "/tests/install/consumer", "-B", build.string(),
        "-Dconnarena_DIR=" + (where.libraries / "cmake/connarena").string(),
        "-DCMAKE_C_COMPILER=" C_COMPILER, "-DCMAKE_CXX_COMPILER=" CXX_COMPILER}});
  ASSERT_TRUE(configured.succeeded()) << describe(configured);
  const outcome built =
      harness::run({{CMAKE_PROGRAM, "--build", build.string(), "--target", "consumer_c"}});
  ASSERT_TRUE(built.succeeded()) << describe(built);
  EXPECT_EQ(harness::run({{(build / "consumer_c").string()}}).output, "consumer works\n");
}

void expect_found(const place& where) {
  EXPECT_TRUE(fs::exists(where.libraries / "libconnarena.so"));
  expect_found_by_pkg_config(where);
  expect_found_by_cmake(where);
  if (HAS_SHIM) expect_found_by_the_launcher(where);
}

TEST(folder_of_libraries, of_two_steps_is_found) {
  expect_found(install_with("lib/x86_64-linux-gnu"));
}

TEST(folder_of_libraries, that_is_absolute_is_found) {
  expect_found(install_with((install::fresh_folder("absolute") / "libraries").string()));
}

}  // namespace
