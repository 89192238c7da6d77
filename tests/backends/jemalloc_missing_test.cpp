// Stands in for jemalloc_test.cpp where libjemalloc is missing.
#include <gtest/gtest.h>

TEST(jemalloc_backend, is_built_where_the_library_is_found) {
  GTEST_SKIP() << "no libjemalloc here (Debian: libjemalloc-dev)";
}
