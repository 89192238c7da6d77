// pattern.hpp - the bytes that the loads send, and so expect back.
//
// The byte at (key, offset) is pool[start(key) + offset], with a random pool and
// start: a value cut short, shifted, torn or mixed up with another differs. A
// value is a view into the pool, so the load generator neither builds nor copies it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace demo {

inline constexpr std::size_t largest_value_bytes = std::size_t{1} << 20;

/// The value of that key.   Pre: size_bytes <= largest_value_bytes.
[[nodiscard]] std::string_view patterned_value(std::uint64_t key, std::size_t size_bytes);

/// A well-mixed number from that key (the finaliser of SplitMix64).
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t key) noexcept {
  key += 0x9E3779B97F4A7C15;
  key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9;
  key = (key ^ (key >> 27)) * 0x94D049BB133111EB;
  return key ^ (key >> 31);
}

/// A size between the two, all doublings alike likely: as many values of
/// 64-128 KiB as of 512 KiB-1 MiB. The same key gives the same size.
[[nodiscard]] std::size_t varied_size(std::uint64_t key, std::size_t least_bytes,
                                      std::size_t most_bytes);

}  // namespace demo
