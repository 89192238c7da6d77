// The version is the same wherever it is said.
#include <gtest/gtest.h>

#include <string>

#include <connarena/version.h>

namespace {

TEST(version, of_the_headers_is_that_of_the_build) {
  EXPECT_STREQ(CONNARENA_VERSION_STRING, BUILD_VERSION);
}

TEST(version, in_numbers_is_that_in_words) {
  EXPECT_EQ(std::to_string(CONNARENA_VERSION_MAJOR) + "." +
                std::to_string(CONNARENA_VERSION_MINOR) + "." +
                std::to_string(CONNARENA_VERSION_PATCH),
            CONNARENA_VERSION_STRING);
}

TEST(version, is_one_number_to_compare) {
  EXPECT_EQ(CONNARENA_VERSION / 10000, CONNARENA_VERSION_MAJOR);
  EXPECT_EQ(CONNARENA_VERSION / 100 % 100, CONNARENA_VERSION_MINOR);
  EXPECT_EQ(CONNARENA_VERSION % 100, CONNARENA_VERSION_PATCH);
}

}  // namespace
