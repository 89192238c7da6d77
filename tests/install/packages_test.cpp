// Packages of what the tests were built with, as cpack makes them: what is in which, and that
// it works where it is unpacked. `.ci/packages` installs and purges those of a release in a root
// of their own.
#include <gtest/gtest.h>

#include "install/installation.hpp"

namespace {

// As packages are named: what a program needs that was linked to the library.
#define LIBRARY_PACKAGE "libconnarena" INTERFACE_VERSION

namespace fs = std::filesystem;
using harness::describe;
using harness::outcome;

outcome run_patiently(const std::vector<std::string>& command) {
  return harness::run({command, {}, "", BUILD_FOLDER}, install::build_patience);
}

std::string output_of(const std::vector<std::string>& command) {
  const outcome result = run_patiently(command);
  EXPECT_TRUE(result.succeeded()) << describe(result);
  return result.output;
}

/// The folder of packages of one kind, "DEB" or "RPM".
fs::path make_packages(const std::string& kind) {
  const fs::path folder = install::fresh_folder("packages-" + kind);
  // All is built already: said to be ninja's, cpack does not look whether it is.
  (void)output_of({CPACK_PROGRAM, "-G", kind, "--config", BUILD_FOLDER "/CPackConfig.cmake", "-B",
                   folder, "-D", "CPACK_CMAKE_GENERATOR=Ninja", "-D",
                   "CPACK_DEBIAN_COMPRESSION_TYPE=gzip"});
  return folder;
}

/// The one whose name begins so.
std::string file_of(const fs::path& folder, const std::string& start) {
  for (const auto& each : fs::directory_iterator(folder)) {
    if (each.path().filename().string().rfind(start, 0) == 0) return each.path();
  }
  ADD_FAILURE() << "no " << start << " in " << folder;
  return {};
}

void expect_has(const std::string& listing, const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    EXPECT_NE(listing.find(file), std::string::npos) << file << " is not in\n" << listing;
  }
}
void expect_has_not(const std::string& listing, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    EXPECT_EQ(listing.find(word), std::string::npos) << word << " is in\n" << listing;
  }
}

void expect_what_each_has(const fs::path& folder) {
  const auto contents_of = [&](const std::string& name) {
    return output_of({"dpkg-deb", "--contents", file_of(folder, name + "_")});
  };
  const std::string of_programs = contents_of("connarena");
  expect_has(of_programs, {"./usr/bin/connarena\n", "/libconnarena_preload.so\n",
                           "./usr/share/man/man1/connarena.1.gz\n",
                           "./usr/share/bash-completion/completions/connarena\n",
                           "./usr/share/doc/connarena/copyright\n"});
  expect_has_not(of_programs, {"/include/", "libconnarena.so"});
  const std::string of_library = contents_of(LIBRARY_PACKAGE);
  expect_has(of_library,
             {"/libconnarena.so." INTERFACE_VERSION " -> libconnarena.so." VERSION "\n"});
  expect_has_not(of_library, {"/libconnarena.so ->", "cmake", "/include/"});
  // A program that was linked to it keeps to this interface.
  const std::string for_programs =
      output_of({"dpkg-deb", "--info", file_of(folder, LIBRARY_PACKAGE "_"), "shlibs"});
  EXPECT_EQ(for_programs,
            "libconnarena " INTERFACE_VERSION " " LIBRARY_PACKAGE " (>= " VERSION ")\n");
  expect_has(
      contents_of("libconnarena-dev"),
      {"./usr/include/connarena/arena.hpp\n",
       "/libconnarena.so -> libconnarena.so." INTERFACE_VERSION "\n", "/libconnarena.a\n",
       "/connarena.pc\n", "/connarenaConfig.cmake\n", "./usr/share/man/man3/connarena.3.gz\n",
       "./usr/share/doc/connarena/examples/epoll_limits.c\n"});
  const std::string needed =
      output_of({"dpkg-deb", "--field", file_of(folder, "libconnarena-dev_"), "Depends"});
  EXPECT_EQ(needed, LIBRARY_PACKAGE " (= " VERSION "-1)\n");
}

void expect_lintian_finds_no_error(const std::vector<std::string>& packages) {
  if (harness::find_program("lintian").empty()) return;
  std::vector<std::string> command{"lintian", "--fail-on", "error", "--allow-root"};
  command.insert(command.end(), packages.begin(), packages.end());
  const outcome result = run_patiently(command);
  EXPECT_TRUE(result.succeeded()) << describe(result);
  // No error to lintian, but the next interface would replace this one under programs.
  expect_has_not(result.output, {"package-name-doesnt-match-sonames"});
}

void expect_works_unpacked(const std::vector<std::string>& packages) {
  const fs::path root = install::fresh_folder("root");
  for (const std::string& each : packages) {
    (void)output_of({"dpkg-deb", "--extract", each, root});
  }
  const std::string maps = output_of(
      {(root / "usr/bin/connarena").string(), "run", "/bin/sh", "-c", "cat /proc/self/maps"});
  EXPECT_NE(maps.find(root.string()), std::string::npos) << maps;

  const fs::path build = install::fresh_folder("root-consumer");
  (void)output_of({CMAKE_PROGRAM, "-S", SOURCE_FOLDER "/tests/install/consumer", "-B", build,
                   "-DCMAKE_PREFIX_PATH=" + (root / "usr").string(),
                   "-DCMAKE_C_COMPILER=" C_COMPILER, "-DCMAKE_CXX_COMPILER=" CXX_COMPILER});
  (void)output_of({CMAKE_PROGRAM, "--build", build, "--target", "consumer_c"});
  EXPECT_EQ(output_of({(build / "consumer_c").string()}), "consumer works\n");
}

// One test, since making them takes longer than looking at them.
TEST(debian_packages, have_their_files_no_error_by_lintian_and_work) {
  if (!HAS_SHIM) GTEST_SKIP() << "built without the shim";
  for (const char* each : {"dpkg-deb", "dpkg-shlibdeps", "file"}) {
    if (harness::find_program(each).empty()) GTEST_SKIP() << each << " is not installed";
  }
  const fs::path folder = make_packages("DEB");
  expect_what_each_has(folder);
  const std::vector<std::string> packages{file_of(folder, "connarena_"),
                                          file_of(folder, LIBRARY_PACKAGE "_"),
                                          file_of(folder, "libconnarena-dev_")};
  expect_lintian_finds_no_error(packages);
  expect_works_unpacked(packages);
}

TEST(rpm_packages, have_their_files) {
  if (!HAS_SHIM) GTEST_SKIP() << "built without the shim";
  if (harness::find_program("rpmbuild").empty()) GTEST_SKIP() << "rpm is not installed";
  const fs::path folder = make_packages("RPM");
  const auto files_of = [&](const std::string& name) {
    return output_of(
        {"rpm", "--query", "--list", "--package", file_of(folder, name + "-" VERSION)});
  };
  const std::string libraries = "/usr/" LIBRARY_FOLDER "/";
  expect_has(files_of("connarena"),
             {"/usr/bin/connarena\n", libraries + "libconnarena_preload.so\n"});
  expect_has(files_of("connarena-libs"), {libraries + "libconnarena.so." INTERFACE_VERSION "\n"});
  expect_has(files_of("connarena-devel"), {"/usr/include/connarena/connarena.h\n"});
  for (const std::string name : {"connarena", "connarena-libs", "connarena-devel"}) {
    expect_has(files_of(name), {"/usr/share/licenses/" + name + "/LICENSE\n"});
    // What Debian's packages have of their own.
    expect_has_not(files_of(name), {"Debian", "lintian", "copyright", "libconnarena-dev"});
  }
}

}  // namespace
