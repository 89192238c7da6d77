// A run that changes hands on evidence of I/O counts for the limit of whoever gets it.
#include <connarena/arena.hpp>
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include "api/core.hpp"
#include "arena/arenas.hpp"
#include "arena/runs/runs.hpp"
#include "base/units.hpp"

namespace {

namespace core = connarena::core;
using connarena::kib;
using connarena::mib;

constexpr std::size_t limit_bytes = mib;

connarena_stats stats_of(connarena_t arena) {
  connarena_stats stats{};
  EXPECT_EQ(connarena_get_stats(arena, &stats), 0);
  return stats;
}

connarena_t open_limited() {
  const connarena_options options{limit_bytes, "limited"};
  return connarena_create(&options);
}

TEST(adopted_run, is_left_to_nobody_where_the_limit_has_no_room_for_it) {
  const connarena_t arena = open_limited();
  void* const own = connarena_malloc(arena, 700 * kib);
  void* const nobodys = core::allocate_unowned(600 * kib, 16);
  core::adopt_by_io(arena, nobodys, 100);
  core::claim(arena, nobodys);
  EXPECT_EQ(connarena_of(nobodys), 0u);
  EXPECT_LE(stats_of(arena).peak_bytes, limit_bytes);
  connarena_free(own);
  core::adopt_by_io(arena, nobodys, 100);
  EXPECT_EQ(connarena_of(nobodys), arena);
  EXPECT_EQ(connarena_malloc(arena, 700 * kib), nullptr);
  connarena_free(nobodys);
  EXPECT_NE(connarena_malloc(arena, 900 * kib), nullptr);
  connarena_destroy(arena);
}

TEST(adopted_run, counts_no_more_for_whom_it_leaves) {
  const connarena_t before = open_limited();
  const connarena_t after = open_limited();
  void* const run = connarena_malloc(before, 900 * kib);
  core::adopt_by_io(after, run, 100);
  EXPECT_EQ(connarena_of(run), after);
  EXPECT_NE(connarena_malloc(before, 900 * kib), nullptr);
  EXPECT_EQ(connarena_malloc(after, 200 * kib), nullptr);
  EXPECT_EQ(connarena_realloc(after, run, 1100 * kib), nullptr);
  connarena_destroy(before);
  connarena_destroy(after);
}

TEST(claimed_run, leaves_an_arena_that_has_done_no_io_on_it) {
  const connarena_t before = open_limited();
  const connarena_t after = open_limited();
  void* const run = connarena_malloc(before, 900 * kib);
  core::claim(after, run);
  EXPECT_EQ(connarena_of(run), before);
  core::claim(after, run, before);
  EXPECT_EQ(connarena_of(run), after);
  EXPECT_NE(connarena_malloc(before, 900 * kib), nullptr);
  EXPECT_EQ(connarena_malloc(after, 200 * kib), nullptr);
  connarena_destroy(before);
  connarena_destroy(after);
}

TEST(claimed_run, stays_where_io_has_shown_that_it_belongs) {
  const connarena_t before = connarena_create(nullptr);
  const connarena_t after = connarena_create(nullptr);
  void* const run = connarena_malloc(before, 16 * kib);
  EXPECT_EQ(core::adopt_by_io(before, run, 100), nullptr) << "it was the arena's before";
  core::claim(after, run, before);
  EXPECT_EQ(connarena_of(run), before);
  connarena_destroy(before);
  connarena_destroy(after);
}

TEST(adopted_run, is_told_by_its_block) {
  const connarena_t arena = connarena_create(nullptr);
  char* const run = static_cast<char*>(core::allocate_unowned(16 * kib, 16));
  EXPECT_EQ(core::adopt_by_io(arena, run + 8 * kib, 100), run);
  EXPECT_EQ(core::adopt_by_io(arena, run, 100), nullptr);
  connarena_destroy(arena);
}

TEST(adopted_run, goes_back_to_where_runs_of_nobody_come_from) {
  const connarena_t arena = connarena_create(nullptr);
  void* const adopted = core::allocate_unowned(16 * kib, 16);
  void* const own = connarena_malloc(arena, 16 * kib);
  connarena_free(connarena_malloc(arena, 64 * kib));
  connarena_free(own);
  core::adopt_by_io(arena, adopted, 100);
  EXPECT_EQ(connarena_of(adopted), arena);
  connarena_free(adopted);
  EXPECT_EQ(connarena_malloc(arena, 16 * kib), own);
  EXPECT_EQ(core::allocate_unowned(16 * kib, 16), adopted);
  connarena_destroy(arena);
}

/// What a thread knows of an arena that it found, and that has ended since: its lane is
/// another's.
connarena::run_owner found_before(connarena_t of_now) {
  const connarena_t before = connarena_create(nullptr);
  const std::uint64_t generation = connarena::generation_of(before);
  connarena_destroy(before);
  return {connarena::lane_of(of_now), generation};
}

std::size_t live_bytes_of(connarena_t arena) { return stats_of(arena).live_bytes; }

TEST(claimed_run, stays_with_whoever_has_the_place_of_the_arena_that_it_is_claimed_from) {
  const connarena_t now = connarena_create(nullptr);
  const connarena_t other = connarena_create(nullptr);
  void* const run = connarena_malloc(now, 100 * kib);
  const connarena::run_owner of{connarena::lane_of(other), connarena::generation_of(other)};
  connarena::claim_run(of, connarena::quarter_at(run), found_before(now));
  EXPECT_EQ(connarena_of(run), now);
  connarena::claim_run(of, connarena::quarter_at(run),
                       {connarena::lane_of(now), connarena::generation_of(now)});
  EXPECT_EQ(connarena_of(run), other);
  connarena_destroy(now);
  connarena_destroy(other);
}

TEST(claimed_run, is_not_given_to_whoever_has_the_place_of_the_arena_that_claims_it) {
  const connarena_t now = connarena_create(nullptr);
  void* const nobodys = core::allocate_unowned(100 * kib, 16);
  const connarena::quarter_index run = connarena::quarter_at(nobodys);
  connarena::claim_run(found_before(now), run, {});
  EXPECT_EQ(connarena_of(nobodys), 0U);
  connarena::adopt_run(found_before(now), run);
  EXPECT_EQ(connarena_of(nobodys), 0U);
  EXPECT_EQ(live_bytes_of(now), 0U);
  connarena_free(nobodys);
  connarena_destroy(now);
}

TEST(claimed_run, is_left_to_a_memory_resource) {
  connarena::synchronized_arena resource;
  void* const run = resource.allocate(100 * kib);
  const connarena_t of_resource = connarena_of(run);
  ASSERT_NE(of_resource, 0U);
  const connarena_t other = connarena_create(nullptr);
  core::claim(other, run, of_resource);
  core::adopt_by_io(other, run, 100);
  EXPECT_EQ(connarena_of(run), of_resource);
  resource.deallocate(run, 100 * kib);
  connarena_destroy(other);
}

}  // namespace
