// input.hpp - the bytes of a fuzzer, read as numbers, sizes and alignments. What
// is past the end reads as 0.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fuzz {

class input {
 public:
  input(const std::uint8_t* bytes, std::size_t count) : at_(bytes), end_(bytes + count) {}

  [[nodiscard]] bool is_empty() const { return at_ == end_; }
  std::uint8_t byte() { return is_empty() ? std::uint8_t{0} : *at_++; }

  /// Up to 4 MiB, the small ones exactly, the large ones to 8 bits.
  std::size_t size() {
    const std::size_t mantissa = byte();
    const std::size_t shift = byte() % 16;
    return shift < 8 ? mantissa * shift : mantissa << (shift - 1);
  }

  /// 16 to 64 KiB.
  std::size_t alignment() { return std::size_t{16} << byte() % 13; }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

}  // namespace fuzz
