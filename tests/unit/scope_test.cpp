// Which arena is the thread's current one.
#include <connarena/scope.hpp>
#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace {

using connarena::current_resource;
using connarena::scope;

TEST(scope, without_one_the_resource_is_new_delete) {
  EXPECT_EQ(current_resource(), std::pmr::new_delete_resource());
}

TEST(scope, makes_its_arena_current_and_restores) {
  connarena::synchronized_arena arena;
  {
    const scope serving(arena);
    EXPECT_EQ(current_resource(), &arena);
    const std::pmr::string text(1000, 'x', current_resource());
    EXPECT_EQ(connarena_of(text.data()), arena.handle());
  }
  EXPECT_EQ(current_resource(), std::pmr::new_delete_resource());
}

TEST(scope, nests) {
  connarena::synchronized_arena outer;
  connarena::synchronized_arena inner;
  const scope serving_outer(outer);
  {
    const scope serving_inner(inner);
    EXPECT_EQ(current_resource(), &inner);
    {
      const scope serving_outer_again(outer);
      EXPECT_EQ(current_resource(), &outer);
    }
    EXPECT_EQ(current_resource(), &inner);
  }
  EXPECT_EQ(current_resource(), &outer);
}

TEST(scope, belongs_to_its_thread) {
  connarena::synchronized_arena arena;
  const scope serving(arena);
  std::thread other([] { EXPECT_EQ(current_resource(), std::pmr::new_delete_resource()); });
  other.join();
}

TEST(scope, is_what_enter_returns) {
  connarena::synchronized_arena arena;
  const scope serving(arena);
  const connarena_t previous = connarena_enter(0);
  EXPECT_EQ(previous, arena.handle());
  connarena_leave(previous);
  EXPECT_EQ(current_resource(), &arena);
}

TEST(scope, of_an_arena_for_one_thread_gives_it_as_the_resource) {
  connarena::arena arena;
  connarena::synchronized_arena inner;
  const scope serving(arena);
  EXPECT_EQ(current_resource(), &arena);
  {
    const scope serving_inner(inner);
    EXPECT_EQ(current_resource(), &inner);
  }
  EXPECT_EQ(current_resource(), &arena);
  const connarena_t previous = connarena_enter(inner.handle());
  EXPECT_EQ(current_resource(), std::pmr::new_delete_resource());
  connarena_leave(previous);
}

TEST(scope, of_nothing_hides_the_one_around_it) {
  connarena::synchronized_arena arena;
  const scope serving(arena);
  {
    const scope serving_none(nullptr);
    EXPECT_EQ(current_resource(), std::pmr::new_delete_resource());
    EXPECT_EQ(connarena_current(), 0u);
  }
  EXPECT_EQ(current_resource(), &arena);
}

TEST(enter, returns_the_previous_arena_and_nests) {
  const connarena_t first = connarena_create(nullptr);
  const connarena_t second = connarena_create(nullptr);
  EXPECT_EQ(connarena_enter(first), 0u);
  EXPECT_EQ(connarena_enter(second), first);
  EXPECT_EQ(connarena_enter(0), second);
  connarena_leave(second);
  EXPECT_EQ(connarena_enter(first), second);
  connarena_leave(0);
  EXPECT_EQ(connarena_enter(0), 0u);
  connarena_destroy(first);
  connarena_destroy(second);
}

TEST(enter, of_a_stale_arena_counts_as_none) {
  const connarena_t ended = connarena_create(nullptr);
  connarena_close(ended);
  EXPECT_EQ(connarena_enter(ended), 0u);
  EXPECT_EQ(connarena_enter(0), 0u);
}

TEST(enter, arena_closed_while_current_counts_as_none) {
  const connarena_t arena = connarena_create(nullptr);
  connarena_enter(arena);
  connarena_close(arena);
  EXPECT_EQ(connarena_enter(0), 0u);
}

}  // namespace
