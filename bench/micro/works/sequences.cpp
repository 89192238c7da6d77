#include "works/sequences.hpp"

#include <cmath>
#include <random>

namespace micro {
namespace {

constexpr std::uint64_t seed = 20'261'124;

using generator = std::mt19937_64;

std::uint32_t between(generator& random, std::uint32_t smallest, std::uint32_t largest) {
  return smallest + static_cast<std::uint32_t>(random() % (largest - smallest + 1));
}

std::uint32_t logarithmically(generator& random, std::uint32_t smallest, std::uint32_t largest) {
  constexpr std::uint32_t steps = 1u << 20;
  const double share = static_cast<double>(random() % steps) / steps;
  const double factor = std::pow(static_cast<double>(largest) / smallest, share);
  return static_cast<std::uint32_t>(smallest * factor);
}

template <typename DrawSize>
std::vector<replacement> draw_replacements(DrawSize draw_size) {
  constexpr std::uint32_t size_mask = (1u << 23) - 1;
  generator random(seed);
  std::vector<replacement> drawn(replacements);
  for (replacement& each : drawn) {
    each.slot = random() % live_blocks;
    each.size_bytes = draw_size(random) & size_mask;
  }
  return drawn;
}

}  // namespace

std::vector<std::uint32_t> uniform_sizes(std::size_t count, std::uint32_t smallest,
                                         std::uint32_t largest) {
  generator random(seed);
  std::vector<std::uint32_t> sizes(count);
  for (std::uint32_t& each : sizes) each = between(random, smallest, largest);
  return sizes;
}

std::vector<std::uint32_t> logarithmic_sizes(std::size_t count, std::uint32_t smallest,
                                             std::uint32_t largest) {
  generator random(seed);
  std::vector<std::uint32_t> sizes(count);
  for (std::uint32_t& each : sizes) each = logarithmically(random, smallest, largest);
  return sizes;
}

const std::vector<replacement>& mixed_replacements() {
  static const auto drawn = draw_replacements([](generator& random) {
    return random() % 10 == 0 ? logarithmically(random, 1024, 64 * 1024)
                              : logarithmically(random, 16, 1024);
  });
  return drawn;
}

const std::vector<replacement>& small_replacements() {
  static const auto drawn =
      draw_replacements([](generator& random) { return logarithmically(random, 16, 512); });
  return drawn;
}

}  // namespace micro
