// At its limit an arena says so, and nothing else does.
#include <connarena/arena.hpp>
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>

namespace {

constexpr std::size_t limit_bytes = std::size_t{1} << 20;
// No system has so much.
constexpr std::size_t too_much = std::size_t{1} << 56;

class limit_error : public ::testing::TestWithParam<std::size_t> {};

TEST_P(limit_error, of_the_c_api_is_edquot) {
  const connarena_options options{limit_bytes, "limited"};
  const connarena_t arena = connarena_create(&options);
  errno = 0;
  while (connarena_malloc(arena, GetParam()) != nullptr) ASSERT_EQ(errno, 0);
  EXPECT_EQ(errno, EDQUOT);
  errno = 0;
  EXPECT_EQ(connarena_calloc(arena, 1, limit_bytes), nullptr);
  EXPECT_EQ(errno, EDQUOT);
  errno = 0;
  EXPECT_EQ(connarena_aligned_alloc(arena, 4096, limit_bytes), nullptr);
  EXPECT_EQ(errno, EDQUOT);
  connarena_destroy(arena);
}

template <typename Arena>
void fill(Arena& arena, std::size_t bytes) {
  for (;;) static_cast<void>(arena.allocate(bytes));
}

TEST_P(limit_error, of_an_arena_is_a_bad_alloc_of_its_own) {
  connarena::arena arena({limit_bytes, "limited"});
  EXPECT_THROW(fill(arena, GetParam()), connarena::arena_limit_exceeded);
  EXPECT_THROW(fill(arena, GetParam()), std::bad_alloc);
}

TEST_P(limit_error, of_a_synchronized_arena_is_a_bad_alloc_of_its_own) {
  const auto arena = connarena::synchronized_arena::open({limit_bytes, "limited"});
  EXPECT_THROW(fill(*arena, GetParam()), connarena::arena_limit_exceeded);
}

INSTANTIATE_TEST_SUITE_P(sizes, limit_error, ::testing::Values(16, 700, 3000, 9000, 200'000));

template <typename Arena>
void expect_plain_bad_alloc(Arena& arena) {
  // Whatever errno was before.
  errno = EDQUOT;
  try {
    static_cast<void>(arena.allocate(too_much));
    ADD_FAILURE() << "there is no such block";
  } catch (const connarena::arena_limit_exceeded&) {
    ADD_FAILURE() << "the arena has no limit";
  } catch (const std::bad_alloc&) {
  }
}

TEST(exhaustion, is_no_limit) {
  connarena::arena alone;
  expect_plain_bad_alloc(alone);
  connarena::synchronized_arena any;
  expect_plain_bad_alloc(any);
  errno = 0;
  EXPECT_EQ(connarena_malloc(any.handle(), too_much), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  void* const block = connarena_malloc(any.handle(), 100);
  errno = EDQUOT;
  EXPECT_EQ(connarena_realloc(any.handle(), block, too_much), nullptr);
  EXPECT_EQ(errno, ENOMEM);
}

TEST(limit_error, names_itself) {
  EXPECT_STREQ(connarena::arena_limit_exceeded().what(), "connarena: arena at its limit");
}

}  // namespace
