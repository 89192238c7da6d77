// address_ranges.hpp - addresses as people write them: 10.0.0.0/8, 192.168.1.7, fd00::/8.
// Used by the preload library and the launcher.
#pragma once

#include <cstddef>
#include <netinet/in.h>
#include <sys/socket.h>

namespace connarena::shim {

inline constexpr const char* accepted_ranges =
    "up to 64 addresses, as 10.0.0.0/8, 192.168.1.7 or fd00::/8, with commas between them";

/// An IPv4 address is the IPv6 address that maps it.
struct address_range {
  in6_addr first;
  unsigned bits;  ///< so many are the same
};

class address_ranges {
 public:
  static constexpr std::size_t most = 64;

  /// Adds what a text names. False, with nothing added, if it is no list of addresses.
  [[nodiscard]] bool add(const char* text) noexcept;
  [[nodiscard]] bool is_empty() const noexcept { return count_ == 0; }
  [[nodiscard]] bool contain(const in6_addr& address) const noexcept;
  /// False for what is no internet address.
  [[nodiscard]] bool contain(const sockaddr_storage& address) const noexcept;

 private:
  std::size_t count_ = 0;
  address_range ranges_[most] = {};
};

}  // namespace connarena::shim
