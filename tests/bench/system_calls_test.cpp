// What the micro benchmarks say of the system calls of a stretch.
#include "works/system_calls.hpp"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

double calls_counted(int calls) {
  return micro::system_calls_in([calls] {
    for (int i = 0; i < calls; ++i) ::syscall(SYS_getppid);
  });
}

TEST(system_calls, of_a_stretch_are_counted) {
  if (calls_counted(0) < 0) GTEST_SKIP() << "no process may trace another here";
  EXPECT_EQ(calls_counted(0), 0);
  EXPECT_EQ(calls_counted(1), 1);
  EXPECT_EQ(calls_counted(1000), 1000);
}

}  // namespace
