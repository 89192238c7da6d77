// A store whose keys outlive the connections that brought them: see bench/store.
#include <sstream>

#include "programs/preload.hpp"

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

/// Resident memory of the store, and the bytes of its values.
struct figures {
  std::size_t before, open, closed, rewritten, live;
};

/// Twice what lives: for classes of sizes, and tables. A key and its links are 40 bytes.
std::size_t allowed_for(const figures& seen, std::size_t keys) {
  return 2 * (seen.live + keys * 40);
}

figures run_trap(std::size_t connections) {
  const harness::outcome result =
      harness::run({{STORE_LOAD, std::to_string(connections), "whole", STORE_SERVER,
                     "LD_PRELOAD=" PRELOAD_LIBRARY, "CONNARENA_SMALL=on"}});
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
  figures seen{};
  std::istringstream(result.output) >> seen.before >> seen.open >> seen.closed >> seen.rewritten >>
      seen.live;
  return seen;
}

TEST(store, holds_little_beyond_its_keys_once_others_have_rewritten_them) {
  constexpr std::size_t connections = 1000;
  const figures seen = run_trap(connections);
  EXPECT_GT(seen.open, seen.before + 50 * mib);
  // The retention floor of the shim, and what the server itself has.
  EXPECT_LE(seen.rewritten, seen.before + allowed_for(seen, connections * 10) + 3 * mib);
}

}  // namespace
