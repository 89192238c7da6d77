// What programs that were built with an earlier library rely on is in this one: names, types
// and layouts, as allocator/interface.txt has them of the last release.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "harness/child_process.hpp"
#include "harness/scratch_folder.hpp"

namespace {

using harness::describe;
using harness::outcome;

constexpr const char* interface = SOURCE_FOLDER "/.ci/interface";

bool can_be_read() {
  for (const char* each : {"abidw", "python3"}) {
    if (harness::find_program(each).empty()) return false;
  }
  return true;
}

TEST(interface, has_all_that_programs_of_the_last_release_rely_on) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "the lines are those of x86-64";
#endif
  if (!can_be_read()) GTEST_SKIP() << "abidw or python3 is not installed";
  const outcome result = harness::run({{interface, LIBRARY, "--compare"}});
  EXPECT_TRUE(result.succeeded()) << describe(result);
}

constexpr const char* released = R"(
#include <cstddef>
extern "C" {
struct connarena_stats { std::size_t live, peak; };
void* connarena_malloc(unsigned long arena, std::size_t size) { return size > arena ? &size : 0; }
int connarena_get_stats(connarena_stats* stats) { return stats->live != stats->peak; }
}
namespace connarena {
struct options { std::size_t limit; };
class resource {
 public:
  virtual int allocate();
  virtual int deallocate() { return 2; }
  int held = 0;
};
int resource::allocate() { return 1; }
int work(resource& in, const options& how) { return in.held + (how.limit > 0); }
}
)";

struct change {
  const char* name;
  const char* from;
  const char* to;
  const char* reported;  ///< of the line that has gone; none where nothing may be said
};
void PrintTo(const change& each, std::ostream* out) { *out << each.name; }

/// A folder of the test's own.
class changed : public ::testing::TestWithParam<change> {
 protected:
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

  void build(const std::string& library, const std::string& source) const {
    std::ofstream(file("library.cpp")) << source;
    const outcome built = harness::run({{CXX_COMPILER, "-std=c++17", "-g", "-shared", "-fPIC", "-o",
                                         file(library), file("library.cpp")}});
    ASSERT_TRUE(built.succeeded()) << describe(built);
  }

 private:
  harness::scratch_folder folder_;
};

TEST_P(changed, is_reported_where_programs_notice) {
  if (!can_be_read()) GTEST_SKIP() << "abidw or python3 is not installed";
  const change& planted = GetParam();
  const std::size_t at = std::string(released).find(planted.from);
  ASSERT_NE(at, std::string::npos);
  build("released.so", released);
  build("changed.so",
        std::string(released).replace(at, std::string(planted.from).size(), planted.to));
  const std::string lines = file("interface.txt");
  const outcome saved = harness::run({{interface, file("released.so"), "--save", lines}});
  ASSERT_TRUE(saved.succeeded()) << describe(saved);

  const outcome compared = harness::run({{interface, file("changed.so"), "--compare", lines}});
  if (planted.reported == nullptr) {
    EXPECT_TRUE(compared.succeeded()) << describe(compared);
    return;
  }
  EXPECT_EQ(compared.exit_code, 1) << describe(compared);
  const std::string gone = compared.errors.substr(0, compared.errors.find("Where it has instead"));
  EXPECT_NE(gone.find(planted.reported), std::string::npos) << describe(compared);
  EXPECT_NE(compared.errors.find("exports.map"), std::string::npos) << "says not what to do";
}

constexpr change changes[] = {
    {"nothing", "live, peak;", "live, peak;", nullptr},
    {"name_that_is_new", "void* connarena_malloc",
     "void connarena_free() {}\nvoid* connarena_malloc", nullptr},
    {"struct_that_may_grow_at_its_end", "live, peak;", "live, peak, allocations;", nullptr},
    {"name_that_goes", "void* connarena_malloc", "static void* connarena_malloc",
     "connarena_malloc  "},
    {"type_of_a_parameter", "(unsigned long arena", "(unsigned arena", "connarena_malloc  "},
    {"type_of_a_result", "int connarena_get_stats", "long connarena_get_stats",
     "connarena_get_stats  "},
    {"order_of_members", "live, peak;", "peak, live;", "connarena_stats: at  0 live"},
    {"struct_that_shrinks", "size_t live, peak;", "size_t live; static const int peak = 1;",
     "connarena_stats: 16 bytes"},
    {"struct_that_grows_but_may_not", "size_t limit;", "size_t limit; void* name;",
     "connarena::options: 8 bytes"},
    {"size_of_a_class", "int held = 0;", "int held = 0; long more = 0;",
     "connarena::resource: 16 bytes"},
    {"place_of_a_virtual_function", "virtual int allocate",
     "virtual int reset() { return 3; }\n  virtual int allocate",
     "connarena::resource: virtual 0 is"},
};

INSTANTIATE_TEST_SUITE_P(interface, changed, ::testing::ValuesIn(changes),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
