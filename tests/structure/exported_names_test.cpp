// What leaves the shared libraries: the public interface and nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "harness/child_process.hpp"

namespace {

std::vector<std::string> lines_of(const std::vector<std::string>& command) {
  const harness::outcome result = harness::run({command});
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
  std::istringstream text(result.output);
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

/// The names a library defines for others, demangled.
std::vector<std::string> exported_names(const std::string& library) {
  std::vector<std::string> names;
  for (const std::string& line : lines_of({"nm", "-D", "-C", "--defined-only", library})) {
    static const std::regex entry("[0-9a-f]* +[A-Za-z] (.*)");
    std::smatch match;
    if (std::regex_match(line, match, entry)) names.push_back(match[1]);
  }
  return names;
}

const std::vector<std::string> c_face_names = {
    "connarena_create",        "connarena_malloc",
    "connarena_calloc",        "connarena_realloc",
    "connarena_aligned_alloc", "connarena_free",
    "connarena_usable_size",   "connarena_of",
    "connarena_release",       "connarena_close",
    "connarena_destroy",       "connarena_enter",
    "connarena_leave",         "connarena_of_fd",
    "connarena_get_stats",     "connarena_get_process_stats"};

/// One of the names of the C face.
std::string c_face() {
  std::string pattern;
  for (const std::string& name : c_face_names) pattern += (pattern.empty() ? "" : "|") + name;
  return pattern;
}

void expect_only(const std::string& library, const std::string& allowed) {
  const std::regex pattern(allowed);
  for (std::string name : exported_names(library)) {
    name = name.substr(0, name.find('@'));
    EXPECT_TRUE(std::regex_match(name, pattern)) << library << " exports " << name;
  }
}

void expect_has(const std::string& library, const std::vector<std::string>& wanted) {
  const std::vector<std::string> names = exported_names(library);
  for (const std::string& name : wanted) {
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end())
        << library << " lacks " << name;
  }
}

TEST(exported_names, of_the_library_are_its_public_interface) {
  expect_only(LIBRARY, c_face() +
                           "|((vtable|typeinfo|typeinfo name) for )?connarena::"
                           "(arena|synchronized_arena|arena_closer|scope)(::.*)?"
                           "|connarena::(process|current_resource)\\(\\)");
}

TEST(exported_names, of_the_library_include_the_c_face) { expect_has(LIBRARY, c_face_names); }

// Which calls it replaces is checked where each is: by programs.wrappers_test.
TEST(exported_names, of_the_preload_library_include_the_c_face) {
  if (std::string(PRELOAD_LIBRARY).empty()) GTEST_SKIP() << "built without the shim";
  expect_has(PRELOAD_LIBRARY, c_face_names);
}

TEST(preload_library, needs_libc_alone) {
  if (std::string(PRELOAD_LIBRARY).empty()) GTEST_SKIP() << "built without the shim";
  for (const std::string& line : lines_of({"ldd", PRELOAD_LIBRARY})) {
    EXPECT_TRUE(std::regex_search(line, std::regex("linux-vdso|/ld-linux|libc\\.so\\.6"))) << line;
  }
}

TEST(library, needs_libc_and_the_cpp_runtime_alone) {
  const std::regex allowed("linux-vdso|/ld-linux|libc\\.so\\.6|libstdc\\+\\+|libgcc_s|libm\\.so");
  for (const std::string& line : lines_of({"ldd", LIBRARY})) {
    EXPECT_TRUE(std::regex_search(line, allowed)) << line;
  }
}

}  // namespace
