// What an arena is known by, and which there are: names, pointers of the program's, visits.
#include <connarena/arena.hpp>
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace {

connarena_t create_named(const char* name) {
  connarena_options options{};
  options.name = name;
  return connarena_create(&options);
}

struct seen_arena {
  std::string name;
  std::size_t live_bytes;
};
using seen_arenas = std::map<connarena_t, seen_arena>;

seen_arenas visit_all() {
  seen_arenas seen;
  connarena_visit(
      [](void* context, connarena_t arena, const connarena_stats* stats, const char* name) {
        static_cast<seen_arenas*>(context)->insert(
            {arena, {name != nullptr ? name : "", stats->live_bytes}});
      },
      &seen);
  return seen;
}

TEST(known_arena, has_the_name_it_was_created_under) {
  const connarena_t named = create_named("client 7");
  const connarena_t nameless = connarena_create(nullptr);
  EXPECT_STREQ(connarena_name(named), "client 7");
  EXPECT_EQ(connarena_name(nameless), nullptr);
  connarena_close(named);
  EXPECT_EQ(connarena_name(named), nullptr);
  connarena_close(nameless);
}

TEST(known_arena, keeps_a_pointer_of_the_program) {
  int of_first = 0;
  int of_second = 0;
  const connarena_t first = connarena_create(nullptr);
  const connarena_t second = connarena_create(nullptr);
  EXPECT_EQ(connarena_user(first), nullptr);
  EXPECT_EQ(connarena_set_user(first, &of_first), 0);
  EXPECT_EQ(connarena_set_user(second, &of_second), 0);
  EXPECT_EQ(connarena_user(first), &of_first);
  EXPECT_EQ(connarena_user(second), &of_second);
  std::thread([&] { EXPECT_EQ(connarena_user(first), &of_first); }).join();
  EXPECT_EQ(connarena_set_user(first, nullptr), 0);
  EXPECT_EQ(connarena_user(first), nullptr);
  connarena_destroy(first);
  connarena_destroy(second);
}

TEST(known_arena, does_not_have_the_pointer_of_one_before_it) {
  int some = 0;
  for (int round = 0; round < 100; ++round) {
    const connarena_t each = connarena_create(nullptr);
    ASSERT_EQ(connarena_user(each), nullptr);
    ASSERT_EQ(connarena_set_user(each, &some), 0);
    connarena_close(each);
    ASSERT_EQ(connarena_user(each), nullptr);
    errno = 0;
    ASSERT_EQ(connarena_set_user(each, &some), -1);
    ASSERT_EQ(errno, ESTALE);
  }
}

TEST(known_arenas, are_visited_with_their_counters_and_names) {
  const connarena_t named = create_named("visited");
  void* const block = connarena_malloc(named, 100'000);
  connarena::synchronized_arena resource({connarena::unlimited, "resource"});
  const seen_arenas seen = visit_all();
  ASSERT_EQ(seen.count(named), 1u);
  EXPECT_EQ(seen.at(named).name, "visited");
  EXPECT_GE(seen.at(named).live_bytes, 100'000u);
  ASSERT_EQ(seen.count(resource.handle()), 1u);
  EXPECT_EQ(seen.at(resource.handle()).name, "resource");
  EXPECT_EQ(seen.count(connarena_process_arena()), 0u);
  connarena_free(block);
  connarena_close(named);
  EXPECT_EQ(visit_all().count(named), 0u);
}

TEST(known_arenas, are_each_visited_once) {
  std::vector<connarena_t> all;
  for (int i = 0; i < 3000; ++i) all.push_back(connarena_create(nullptr));
  std::map<connarena_t, int> times;
  connarena_visit(
      [](void* context, connarena_t arena, const connarena_stats*, const char*) {
        ++(*static_cast<std::map<connarena_t, int>*>(context))[arena];
      },
      &times);
  for (const connarena_t each : all) EXPECT_EQ(times[each], 1);
  for (const connarena_t each : all) connarena_close(each);
}

TEST(known_arenas, may_be_opened_and_ended_by_the_visitor) {
  std::vector<connarena_t> all;
  for (int i = 0; i < 100; ++i) all.push_back(create_named("to end"));
  connarena_visit(
      [](void*, connarena_t arena, const connarena_stats*, const char* name) {
        if (name == nullptr || std::string(name) != "to end") return;
        EXPECT_EQ(connarena_close(arena), 0);
        connarena_destroy(connarena_create(nullptr));
      },
      nullptr);
  for (const connarena_t each : all) EXPECT_EQ(connarena_close(each), -1);
}

TEST(known_arenas, are_visited_beside_threads_that_open_and_end_some) {
  std::atomic<bool> is_over{false};
  std::thread beside([&] {
    while (!is_over) {
      const connarena_t each = create_named("short");
      connarena_set_user(each, &is_over);
      connarena_free(connarena_malloc(each, 500));
      connarena_close(each);
    }
  });
  for (int i = 0; i < 300; ++i) {
    for (const auto& [arena, seen] : visit_all()) EXPECT_NE(arena, 0u) << seen.name;
  }
  is_over = true;
  beside.join();
}

TEST(process_arena, never_ends) {
  const connarena_t process = connarena_process_arena();
  ASSERT_NE(process, 0u);
  EXPECT_EQ(connarena_process_arena(), process);
  void* const block = connarena_malloc(process, 100);
  ASSERT_NE(block, nullptr);
  for (int (*end)(connarena_t) : {connarena_close, connarena_destroy, connarena_release}) {
    errno = 0;
    EXPECT_EQ(end(process), -1);
    EXPECT_EQ(errno, EPERM);
  }
  EXPECT_EQ(connarena_of(block), process);
  connarena_free(block);
}

TEST(owns, tells_blocks_of_arenas_from_others) {
  const connarena_t arena = connarena_create(nullptr);
  int on_stack = 0;
  for (const std::size_t bytes : {1u, 1000u, 100'000u}) {
    void* const block = connarena_malloc(arena, bytes);
    EXPECT_EQ(connarena_owns(block), 1) << bytes;
    connarena_free(block);
  }
  EXPECT_EQ(connarena_owns(&on_stack), 0);
  EXPECT_EQ(connarena_owns(nullptr), 0);
  connarena_destroy(arena);
}

TEST(current, is_the_arena_that_was_entered) {
  EXPECT_EQ(connarena_current(), 0u);
  const connarena_t arena = connarena_create(nullptr);
  const connarena_t before = connarena_enter(arena);
  EXPECT_EQ(connarena_current(), arena);
  EXPECT_EQ(connarena_current(), arena);
  connarena_close(arena);
  EXPECT_EQ(connarena_current(), 0u);
  connarena_leave(before);
}

TEST(trim, returns_what_is_retained) {
  const connarena_t arena = connarena_create(nullptr);
  std::vector<void*> blocks;
  for (int i = 0; i < 200; ++i) blocks.push_back(connarena_malloc(arena, 3000));
  for (void* const each : blocks) connarena_free(each);
  connarena_close(arena);
  connarena_trim();
  EXPECT_EQ(connarena_trim(), 0);
}

}  // namespace
