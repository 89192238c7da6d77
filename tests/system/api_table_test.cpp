// Which tables of another library serve.
#include <gtest/gtest.h>

#include "api/api_table.hpp"

namespace {

using connarena::api_table;
using connarena::is_usable;

constexpr api_table table_of(std::uint32_t version, std::size_t size_bytes) {
  api_table table{};
  table.version = version;
  table.size_bytes = static_cast<std::uint32_t>(size_bytes);
  return table;
}

TEST(api_table, that_has_grown_serves) {
  EXPECT_TRUE(is_usable(table_of(connarena::api_version, sizeof(api_table))));
  EXPECT_TRUE(is_usable(table_of(connarena::api_version, sizeof(api_table) + 8)));
}

TEST(api_table, that_lacks_a_function_or_means_another_thing_does_not) {
  EXPECT_FALSE(is_usable(table_of(connarena::api_version, sizeof(api_table) - 8)));
  EXPECT_FALSE(is_usable(table_of(connarena::api_version + 1, sizeof(api_table))));
}

TEST(api_table, of_the_own_core_has_all_functions) {
  EXPECT_TRUE(is_usable(connarena::own_api));
  EXPECT_NE(connarena::own_api.set_soft_limit, nullptr);  // the last
}

}  // namespace
