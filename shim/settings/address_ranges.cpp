#include "shim/settings/address_ranges.hpp"

#include <arpa/inet.h>
#include <cstdint>
#include <cstring>

namespace connarena::shim {
namespace {

constexpr unsigned all_bits = 128;
constexpr unsigned version_4_bits = 32;

in6_addr mapped(const in_addr& address) noexcept {
  in6_addr to{};
  to.s6_addr[10] = 0xFF;
  to.s6_addr[11] = 0xFF;
  std::memcpy(to.s6_addr + 12, &address, sizeof address);
  return to;
}

/// A number of up to three digits. False if it is none, or more than `most`.
bool read_bits(const char* text, unsigned most, unsigned& bits) noexcept {
  bits = 0;
  std::size_t digits = 0;
  for (; text[digits] >= '0' && text[digits] <= '9' && digits < 3; ++digits) {
    bits = bits * 10 + static_cast<unsigned>(text[digits] - '0');
  }
  return digits != 0 && text[digits] == '\0' && bits <= most;
}

/// As 255.255.0.0. False if what is the same is not at its front.
bool read_mask(const char* text, unsigned& bits) noexcept {
  in_addr mask{};
  if (inet_pton(AF_INET, text, &mask) != 1) return false;
  const std::uint32_t rest = ~ntohl(mask.s_addr);
  bits = rest == 0 ? version_4_bits : static_cast<unsigned>(__builtin_clz(rest));
  return (rest & (rest + 1)) == 0;
}

/// "address" or "address/bits".
bool read_range(char* text, address_range& to) noexcept {
  char* const slash = std::strchr(text, '/');
  if (slash != nullptr) *slash = '\0';
  const char* const bits = slash != nullptr ? slash + 1 : nullptr;
  in_addr version_4{};
  if (inet_pton(AF_INET, text, &version_4) == 1) {
    to.first = mapped(version_4);
    unsigned same = version_4_bits;
    if (bits != nullptr && !read_bits(bits, version_4_bits, same) && !read_mask(bits, same))
      return false;
    to.bits = all_bits - version_4_bits + same;
    return true;
  }
  to.bits = all_bits;
  return inet_pton(AF_INET6, text, &to.first) == 1 &&
         (bits == nullptr || read_bits(bits, all_bits, to.bits));
}

bool is_in(const in6_addr& address, const address_range& range) noexcept {
  const unsigned bytes = range.bits / 8;
  if (std::memcmp(&address, &range.first, bytes) != 0) return false;
  const unsigned rest = range.bits % 8;
  const unsigned differs = address.s6_addr[bytes % 16] ^ range.first.s6_addr[bytes % 16];
  return rest == 0 || differs >> (8 - rest) == 0;
}

}  // namespace

bool address_ranges::add(const char* text) noexcept {
  std::size_t count = count_;
  for (;;) {
    char one[INET6_ADDRSTRLEN + 20];
    const std::size_t length = std::strcspn(text, ",");
    if (length >= sizeof one || count == most) return false;
    std::memcpy(one, text, length);
    one[length] = '\0';
    if (!read_range(one, ranges_[count++])) return false;
    if (text[length] == '\0') break;
    text += length + 1;
  }
  count_ = count;
  return true;
}

bool address_ranges::contain(const in6_addr& address) const noexcept {
  for (std::size_t i = 0; i < count_; ++i) {
    if (is_in(address, ranges_[i])) return true;
  }
  return false;
}

bool address_ranges::contain(const sockaddr_storage& address) const noexcept {
  if (address.ss_family == AF_INET) {
    sockaddr_in version_4;
    std::memcpy(&version_4, &address, sizeof version_4);
    return contain(mapped(version_4.sin_addr));
  }
  if (address.ss_family != AF_INET6) return false;
  sockaddr_in6 version_6;
  std::memcpy(&version_6, &address, sizeof version_6);
  return contain(version_6.sin6_addr);
}

}  // namespace connarena::shim
