// Workers that were forked before they had threads: gunicorn, nginx, PostgreSQL.
#include <gtest/gtest.h>

#include "harness/child_process.hpp"
#include "moving/kinds.hpp"

namespace {

class forked_workers : public ::testing::TestWithParam<moving::memory_of> {};

TEST_P(forked_workers, of_three_threads_each_answer_right_and_leave_nothing) {
  const bool is_by_arena = GetParam() == moving::memory_of::arena;
  const harness::outcome result =
      harness::run({{FORKED_WORKERS_PROGRAM, is_by_arena ? "arenas" : "malloc"}});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

INSTANTIATE_TEST_SUITE_P(in, forked_workers, moving::kinds(), moving::name_of_kind);

}  // namespace
