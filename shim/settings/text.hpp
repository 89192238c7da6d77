// text.hpp - a text built in a buffer of its own, for messages from inside malloc.
//
// What does not fit is left out. Used by the preload library and the launcher.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <unistd.h>

namespace connarena::shim {

[[nodiscard]] constexpr bool is_printable(unsigned char byte) noexcept {
  return byte >= ' ' && byte <= '~';
}

template <std::size_t Capacity>
class text {
 public:
  text& add(const char* words) noexcept { return add(words, std::strlen(words)); }

  text& add(const char* words, std::size_t length) noexcept {
    const std::size_t room = Capacity - used_;
    const std::size_t taken = length < room ? length : room;
    std::memcpy(buffer_ + used_, words, taken);
    used_ += taken;
    buffer_[used_] = '\0';
    return *this;
  }

  /// A name that others chose: what is no printable ASCII becomes \xNN.
  text& add_name(const char* name, std::size_t length) noexcept {
    for (std::size_t i = 0; i < length; ++i) {
      const auto byte = static_cast<unsigned char>(name[i]);
      if (is_printable(byte)) {
        add(name + i, 1);
      } else {
        add("\\x").add_hex_digit(byte >> 4).add_hex_digit(byte & 15u);
      }
    }
    return *this;
  }

  text& add_number(std::uint64_t value) noexcept { return add_digits(value, 10); }
  text& add_hex(std::uint64_t value) noexcept { return add_digits(value, 16); }

  /// Spaces up to a length.
  text& pad_to(std::size_t length) noexcept {
    while (used_ < length && used_ < Capacity) add(" ", 1);
    return *this;
  }

  [[nodiscard]] const char* c_str() const noexcept { return buffer_; }
  [[nodiscard]] std::size_t size() const noexcept { return used_; }

  void write_to(int descriptor) const noexcept {
    [[maybe_unused]] const auto written = ::write(descriptor, buffer_, used_);
  }

 private:
  text& add_hex_digit(unsigned value) noexcept { return add(&"0123456789abcdef"[value], 1); }

  text& add_digits(std::uint64_t value, unsigned base) noexcept {
    char digits[21];
    std::size_t at = sizeof digits;
    do {
      digits[--at] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
    return add(digits + at, sizeof digits - at);
  }

  char buffer_[Capacity + 1] = {};
  std::size_t used_ = 0;
};

}  // namespace connarena::shim
