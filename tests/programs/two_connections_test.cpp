// Under the preload library, in a hardened process, nothing that one connection sent
// is in a block of the next. Without the setting it is, or the program proves nothing.
#include "programs/preload.hpp"

namespace {

/// The allocator below, whether connections have small blocks of their own, and when
/// the second one looks.
struct below {
  const char* name;
  const char* library;
  const char* small;
  const char* when;
};

class bytes_of_a_connection : public ::testing::TestWithParam<below> {
 protected:
  static harness::outcome run(const char* hardened) {
    const auto& [name, library, small, when] = GetParam();
    return harness::run(
        {{TWO_CONNECTIONS_PROGRAM, when},
         {std::string("LD_PRELOAD=" PRELOAD_LIBRARY " ") + library,
          std::string("CONNARENA_SMALL=") + small, std::string("CONNARENA_HARDENED=") + hardened}});
  }
};

TEST_P(bytes_of_a_connection, reach_the_next_one_unless_hardened) {
  const harness::outcome by_default = run("off");
  EXPECT_EQ(by_default.exit_code, 1) << harness::describe(by_default);
  const harness::outcome hardened = run("on");
  EXPECT_EQ(hardened.exit_code, 0) << harness::describe(hardened);
}

INSTANTIATE_TEST_SUITE_P(over, bytes_of_a_connection,
                         ::testing::Values(below{"libc", "libc.so.6", "off", "late"},
                                           below{"libc_early", "libc.so.6", "off", "early"},
                                           below{"libc_small", "libc.so.6", "on", "late"},
                                           below{"libc_small_early", "libc.so.6", "on", "early"},
                                           below{"jemalloc", "libjemalloc.so.2", "off", "late"},
                                           below{"mimalloc", "libmimalloc.so.2", "off", "late"},
                                           below{"tcmalloc", "libtcmalloc_minimal.so.4", "off",
                                                 "late"}),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
