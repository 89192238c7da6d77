#include "base/checks.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace connarena {

namespace {

// A line built on the stack: reporting must not allocate.
class fault_line {
 public:
  fault_line& text(const char* words) noexcept {
    const std::size_t length = std::strlen(words);
    const std::size_t room = sizeof(line_) - used_;
    const std::size_t taken = length < room ? length : room;
    std::memcpy(line_ + used_, words, taken);
    used_ += taken;
    return *this;
  }

  fault_line& number(std::uintptr_t value, unsigned base) noexcept {
    char digits[24];
    std::size_t at = sizeof(digits) - 1;
    digits[at] = '\0';
    do {
      digits[--at] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
    return text(digits + at);
  }

  fault_line& address(const void* block) noexcept {
    return text("0x").number(reinterpret_cast<std::uintptr_t>(block), 16);
  }

  [[noreturn]] void die() noexcept {
    text("\n");
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line_, used_);
    std::abort();
  }

 private:
  char line_[192];
  std::size_t used_ = 0;
};

fault_line free_of(const void* block) noexcept {
  return fault_line{}.text("connarena: free of ").address(block);
}

}  // namespace

void die_double_free(const void* block) noexcept {
  fault_line{}.text("connarena: double free of ").address(block).die();
}

void die_not_a_block(const void* block) noexcept {
  free_of(block).text(", which is not the start of a live block").die();
}

void die_wrong_arena(const void* block) noexcept {
  free_of(block).text(", which does not belong to this arena").die();
}

void die_released(const void* block) noexcept {
  free_of(block).text(" into a released arena").die();
}

void die_retired(const void* block) noexcept {
  fault_line{}
      .text("connarena: use of ")
      .address(block)
      .text(", which was released with its connection")
      .die();
}

void die_wrong_size(const void* block, std::size_t size_bytes) noexcept {
  fault_line{}
      .text("connarena: size ")
      .number(size_bytes, 10)
      .text(" does not fit the block at ")
      .address(block)
      .die();
}

void die_corrupted(const void* block) noexcept {
  fault_line{}.text("connarena: corrupted free list near ").address(block).die();
}

void die_internal(const char* condition) noexcept {
  fault_line{}.text("connarena: internal error: ").text(condition).die();
}

}  // namespace connarena
