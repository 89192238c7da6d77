// Stands in for mimalloc_test.cpp where libmimalloc is missing.
#include <gtest/gtest.h>

TEST(mimalloc_backend, is_built_where_the_library_is_found) {
  GTEST_SKIP() << "no libmimalloc here (Debian: libmimalloc-dev)";
}
