#include "shim/settings/sizes.hpp"

namespace connarena::shim {
namespace {

bool shift_of(char unit, unsigned& shift) noexcept {
  switch (unit) {
    case 'k':
    case 'K':
      shift = 10;
      return true;
    case 'm':
    case 'M':
      shift = 20;
      return true;
    case 'g':
    case 'G':
      shift = 30;
      return true;
    default:
      return false;
  }
}

}  // namespace

bool parse_size(const char* text, std::size_t& bytes) noexcept {
  std::size_t value = 0;
  const char* at = text;
  for (; *at >= '0' && *at <= '9'; ++at) {
    const auto digit = static_cast<std::size_t>(*at - '0');
    if (__builtin_mul_overflow(value, std::size_t{10}, &value)) return false;
    if (__builtin_add_overflow(value, digit, &value)) return false;
  }
  if (at == text) return false;
  unsigned shift = 0;
  if (*at != '\0' && !shift_of(*at++, shift)) return false;
  if (*at != '\0' || (value << shift) >> shift != value) return false;
  bytes = value << shift;
  return true;
}

}  // namespace connarena::shim
