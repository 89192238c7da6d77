// Addresses as people write them, and which addresses they are.
#include "shim/settings/address_ranges.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace {

using connarena::shim::address_ranges;

sockaddr_storage address_of(const char* text) {
  sockaddr_storage to{};
  sockaddr_in version_4{};
  sockaddr_in6 version_6{};
  if (inet_pton(AF_INET, text, &version_4.sin_addr) == 1) {
    version_4.sin_family = AF_INET;
    std::memcpy(&to, &version_4, sizeof version_4);
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text, &version_6.sin6_addr), 1) << text;
    version_6.sin6_family = AF_INET6;
    std::memcpy(&to, &version_6, sizeof version_6);
  }
  return to;
}

bool contains(const char* ranges, const char* address) {
  address_ranges all;
  EXPECT_TRUE(all.add(ranges)) << ranges;
  return all.contain(address_of(address));
}

TEST(address_ranges, contain_what_has_the_same_first_bits) {
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(contains("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(contains("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(contains("192.168.4.0/255.255.252.0", "192.168.7.255"));
  EXPECT_TRUE(contains("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(contains("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(contains("0.0.0.0/0", "fd00::1"));
  EXPECT_TRUE(contains("fd00::/8", "fd12:3456::1"));
  EXPECT_FALSE(contains("fd00::/8", "fe80::1"));
  EXPECT_TRUE(contains("2001:db8::1", "2001:db8::1"));
  EXPECT_FALSE(contains("2001:db8::1", "2001:db8::2"));
  EXPECT_TRUE(contains("::1/128", "::1"));
  EXPECT_TRUE(contains("2001:db8:0:8000::/49", "2001:db8:0:ffff::"));
  EXPECT_FALSE(contains("2001:db8:0:8000::/49", "2001:db8:0:7fff::"));
}

TEST(address_ranges, take_a_mapped_address_for_what_it_maps) {
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_FALSE(contains("10.0.0.0/8", "::ffff:11.1.2.3"));
  EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
}

TEST(address_ranges, are_a_list_with_commas) {
  EXPECT_TRUE(contains("10.0.0.0/8,::1,192.168.1.7", "192.168.1.7"));
  EXPECT_TRUE(contains("10.0.0.0/8,::1,192.168.1.7", "::1"));
  address_ranges all;
  EXPECT_TRUE(all.is_empty());
  EXPECT_TRUE(all.add("10.0.0.1"));
  EXPECT_TRUE(all.add("10.0.0.2"));
  EXPECT_TRUE(all.contain(address_of("10.0.0.1")));
  EXPECT_TRUE(all.contain(address_of("10.0.0.2")));
  sockaddr_storage local{};
  local.ss_family = AF_UNIX;
  EXPECT_FALSE(all.contain(local));
}

TEST(address_ranges, refuse_what_is_none) {
  for (const char* bad :
       {"", ",", "10.0.0.0/8,", ",10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8",
        "10.0.0.0/8/8", "10.0.0.0/255.0.255.0", "fd00::/129", "fd00::/255.0.0.0", "localhost",
        "10.0.0.0/8 ", "10.0.0.0/0008", "::1%lo"}) {
    address_ranges all;
    EXPECT_FALSE(all.add(bad)) << bad;
    EXPECT_TRUE(all.is_empty()) << bad;
  }
}

TEST(address_ranges, are_bounded) {
  std::string many = "10.0.0.1";
  for (std::size_t i = 1; i < address_ranges::most; ++i) many += ",10.0.0.1";
  address_ranges all;
  EXPECT_TRUE(all.add(many.c_str()));
  EXPECT_FALSE(all.add("10.0.0.2"));
  EXPECT_FALSE(all.contain(address_of("10.0.0.2")));
}

}  // namespace
