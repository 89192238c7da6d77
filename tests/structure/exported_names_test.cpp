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

/// The names a library defines for others, sorted, with their versions.
std::vector<std::string> exported_names(const std::string& library) {
  std::vector<std::string> names;
  for (const std::string& line : lines_of({"nm", "-D", "-C", "--defined-only", library})) {
    // A version is a name of its own, of type A.
    static const std::regex entry("[0-9a-f]* +[B-Zb-z] (.*)");
    std::smatch match;
    if (std::regex_match(line, match, entry)) names.push_back(match[1]);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

const std::vector<std::string> c_api_names = {"connarena_create",
                                              "connarena_malloc",
                                              "connarena_calloc",
                                              "connarena_realloc",
                                              "connarena_aligned_alloc",
                                              "connarena_free",
                                              "connarena_free_sized",
                                              "connarena_usable_size",
                                              "connarena_of",
                                              "connarena_release",
                                              "connarena_close",
                                              "connarena_destroy",
                                              "connarena_enter",
                                              "connarena_leave",
                                              "connarena_of_fd",
                                              "connarena_get_stats",
                                              "connarena_get_process_stats",
                                              "connarena_idle",
                                              "connarena_create_sized",
                                              "connarena_get_stats_sized",
                                              "connarena_get_process_stats_sized",
                                              "connarena_current",
                                              "connarena_publish",
                                              "connarena_process_arena",
                                              "connarena_owns",
                                              "connarena_set_user",
                                              "connarena_user",
                                              "connarena_name",
                                              "connarena_trim",
                                              "connarena_visit",
                                              "connarena_set_limit",
                                              "connarena_set_soft_limit"};

/// Constructors and destructors have several names, which read the same.
const std::vector<std::string> cpp_api_names = {
    "connarena::arena::arena(connarena::arena_options const&)",
    "connarena::arena::~arena()",
    "connarena::arena::release()",
    "connarena::arena::stats() const",
    "connarena::arena::reallocate(void*, unsigned long, unsigned long)",
    "connarena::arena::do_allocate(unsigned long, unsigned long)",
    "connarena::arena::do_deallocate(void*, unsigned long, unsigned long)",
    "connarena::arena::do_is_equal(std::pmr::memory_resource const&) const",
    "connarena::synchronized_arena::synchronized_arena(connarena::arena_options const&)",
    "connarena::synchronized_arena::~synchronized_arena()",
    "connarena::synchronized_arena::open(connarena::arena_options const&)",
    "connarena::synchronized_arena::release()",
    "connarena::synchronized_arena::stats() const",
    "connarena::synchronized_arena::do_allocate(unsigned long, unsigned long)",
    "connarena::synchronized_arena::do_deallocate(void*, unsigned long, unsigned long)",
    "connarena::synchronized_arena::do_is_equal(std::pmr::memory_resource const&) const",
    "connarena::arena::set_limit(unsigned long)",
    "connarena::arena::set_soft_limit(unsigned long, void (*)(void*, unsigned long, unsigned "
    "long), void*)",
    "connarena::synchronized_arena::reallocate(void*, unsigned long, unsigned long)",
    "connarena::synchronized_arena::set_limit(unsigned long)",
    "connarena::synchronized_arena::set_soft_limit(unsigned long, void (*)(void*, unsigned long, "
    "unsigned long), void*)",
    "connarena::arena_limit_exceeded::what() const",
    "connarena::arena_closer::operator()(connarena::synchronized_arena*) const",
    "connarena::scope::scope(connarena::arena&)",
    "connarena::scope::scope(decltype(nullptr))",
    "connarena::frame_in_arena::operator new(unsigned long)",
    "connarena::frame_in_arena::operator delete(void*, unsigned long)",
    "connarena::scope::scope(connarena::synchronized_arena&)",
    "connarena::scope::~scope()",
    "connarena::current_resource()",
    "connarena::process()",
    "vtable for connarena::arena",
    "vtable for connarena::synchronized_arena",
    "vtable for connarena::arena_limit_exceeded",
    "typeinfo for connarena::arena",
    "typeinfo for connarena::synchronized_arena",
    "typeinfo for connarena::arena_limit_exceeded",
    "typeinfo name for connarena::arena",
    "typeinfo name for connarena::synchronized_arena",
    "typeinfo name for connarena::arena_limit_exceeded"};

std::vector<std::string> versioned(std::vector<std::string> names, const char* version) {
  for (std::string& name : names) name += std::string("@@") + version;
  return names;
}

TEST(exported_names, of_the_library_are_its_public_interface_in_its_version) {
  std::vector<std::string> wanted = versioned(c_api_names, "CONNARENA_0.1");
  for (const std::string& name : versioned(cpp_api_names, "CONNARENA_0.1")) wanted.push_back(name);
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(exported_names(LIBRARY), wanted);
}

// Which calls it replaces is checked where each is: by programs.wrappers_test.
TEST(exported_names, of_the_preload_library_have_a_version_where_they_are_its_own) {
  if (std::string(PRELOAD_LIBRARY).empty()) GTEST_SKIP() << "built without the shim";
  std::vector<std::string> wanted = versioned(c_api_names, "CONNARENA_0.1");
  wanted.push_back("connarena_preload_api@@CONNARENA_PRIVATE");
  std::sort(wanted.begin(), wanted.end());
  std::vector<std::string> with_version;
  for (const std::string& name : exported_names(PRELOAD_LIBRARY)) {
    const bool is_own = name.rfind("connarena", 0) == 0;
    if (is_own || name.find('@') != std::string::npos) with_version.push_back(name);
  }
  EXPECT_EQ(with_version, wanted);
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
