#include "harness/random_seed.hpp"

#include <cstdio>
#include <cstdlib>
#include <random>

namespace harness {

std::uint64_t random_seed() {
  const char* given = std::getenv("CONNARENA_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device{}();
  std::printf("CONNARENA_SEED=%llu repeats this test\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  return seed;
}

}  // namespace harness
