#include "net/pattern.hpp"

#include <cmath>
#include <cstring>
#include <vector>

namespace demo {
namespace {

/// Twice the largest value: any start in the first half leaves room for it.
const std::vector<char>& pool() {
  static const std::vector<char> bytes = [] {
    std::vector<char> filled(2 * largest_value_bytes);
    for (std::size_t at = 0; at < filled.size(); at += sizeof(std::uint64_t)) {
      const std::uint64_t word = mix(at);
      std::memcpy(filled.data() + at, &word, sizeof word);
    }
    return filled;
  }();
  return bytes;
}

}  // namespace

std::string_view patterned_value(std::uint64_t key, std::size_t size_bytes) {
  return {pool().data() + mix(key) % largest_value_bytes, size_bytes};
}

std::size_t varied_size(std::uint64_t key, std::size_t least_bytes, std::size_t most_bytes) {
  const double fraction = static_cast<double>(mix(~key) >> 11) / static_cast<double>(1ULL << 53);
  const double doublings =
      std::log2(static_cast<double>(most_bytes) / static_cast<double>(least_bytes));
  return static_cast<std::size_t>(static_cast<double>(least_bytes) *
                                  std::exp2(fraction * doublings));
}

}  // namespace demo
