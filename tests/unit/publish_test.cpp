// connarena_publish, seen in the process's own segment.
#include <gtest/gtest.h>

#include <connarena/connarena.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "live/own_segment.hpp"

namespace {

using connarena::live::own_segment;
using connarena::live::row;

connarena_t open_named(const char* name) {
  connarena_options options{};
  options.name = name;
  return connarena_create(&options);
}

/// Null if it has none.
const row* row_of(connarena_t arena) {
  for (const row& each : own_segment()->arenas) {
    if (each.id.load() == arena) return &each;
  }
  return nullptr;
}

std::string name_in(const row& of) { return own_segment()->names.texts[of.name.load()]; }

std::uint64_t ended() {
  std::uint64_t sum = 0;
  for (const auto& each : own_segment()->all.ended_peaks.counts) sum += each.load();
  return sum;
}

TEST(publish, shows_an_arena_until_it_has_ended) {
  const connarena_t arena = open_named("one");
  void* const block = connarena_malloc(arena, 50000);
  ASSERT_EQ(connarena_publish(), 0);
  const row* const shown = row_of(arena);
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(name_in(*shown), "one");
  EXPECT_GE(shown->live_bytes.load(), 50000U);
  EXPECT_GE(shown->footprint_bytes.load(), shown->live_bytes.load());
  EXPECT_EQ(shown->blocks.load(), 1U);
  connarena_free(block);
  ASSERT_EQ(connarena_publish(), 0);
  EXPECT_EQ(shown->blocks.load(), 0U);
  const std::uint64_t before = ended();
  connarena_close(arena);
  ASSERT_EQ(connarena_publish(), 0);
  EXPECT_EQ(row_of(arena), nullptr);
  EXPECT_EQ(ended(), before + 1);
}

TEST(publish, needs_no_more_than_the_alignment_of_a_page_for_the_segment) {
  ASSERT_EQ(connarena_publish(), 0);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(own_segment()) % alignof(connarena::live::segment),
            0U);
  EXPECT_LE(alignof(connarena::live::segment), 4096U);
}

TEST(publish, shows_the_limit_that_an_arena_has_now) {
  connarena_options options{};
  options.limit_bytes = 1 << 20;
  const connarena_t arena = connarena_create(&options);
  const connarena_t unbounded = open_named(nullptr);
  ASSERT_EQ(connarena_publish(), 0);
  EXPECT_EQ(row_of(arena)->limit_kib.load(), 1024U);
  EXPECT_EQ(row_of(unbounded)->limit_kib.load(), 0U);
  ASSERT_EQ(connarena_set_limit(arena, 2 << 20), 0);
  ASSERT_EQ(connarena_publish(), 0);
  EXPECT_EQ(row_of(arena)->limit_kib.load(), 2048U);
  ASSERT_EQ(connarena_set_limit(arena, 0), 0);
  ASSERT_EQ(connarena_publish(), 0);
  EXPECT_EQ(row_of(arena)->limit_kib.load(), 0U);
  connarena_close(arena);
  connarena_close(unbounded);
}

TEST(publish, gives_a_place_to_the_next_arena_whole) {
  connarena_t arena = open_named("first");
  ASSERT_EQ(connarena_publish(), 0);
  connarena_close(arena);
  arena = open_named("second");
  ASSERT_EQ(connarena_publish(), 0);
  const row* const shown = row_of(arena);
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(name_in(*shown), "second");
  connarena_close(arena);
}

TEST(publish, shows_names_beyond_the_table_as_others) {
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("name " + std::to_string(i));
  std::vector<connarena_t> arenas;
  for (const std::string& each : names) arenas.push_back(open_named(each.c_str()));
  const connarena_t nameless = open_named(nullptr);
  ASSERT_EQ(connarena_publish(), 0);
  const auto is_other = [](connarena_t each) { return name_in(*row_of(each)) == "..."; };
  EXPECT_GE(std::count_if(arenas.begin(), arenas.end(), is_other),
            100 - static_cast<std::ptrdiff_t>(connarena::live::arena_names::most));
  EXPECT_EQ(name_in(*row_of(nameless)), "");
  for (const connarena_t each : arenas) connarena_close(each);
  connarena_close(nameless);
}

TEST(publish, cuts_a_long_name) {
  const std::string name(100, 'x');
  const connarena_t arena = open_named(name.c_str());
  ASSERT_EQ(connarena_publish(), 0);
  const std::string shown = name_in(*row_of(arena));
  EXPECT_TRUE(shown == name.substr(0, connarena::live::arena_names::most_bytes - 1) ||
              shown == "...");
  connarena_close(arena);
}

TEST(publish, may_come_from_any_thread_while_arenas_come_and_go) {
  ASSERT_EQ(connarena_publish(), 0);
  std::atomic<int> working{4};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&working] {
      for (int round = 0; round < 300; ++round) {
        const connarena_t arena = open_named("passing");
        connarena_free(connarena_malloc(arena, 20000));
        connarena_close(arena);
      }
      --working;
    });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&working] {
      while (working.load() != 0) {
        EXPECT_EQ(connarena_publish(), 0);
        static_cast<void>(connarena_idle());
      }
    });
  }
  for (std::thread& each : threads) each.join();
  ASSERT_EQ(connarena_publish(), 0);
  const auto& all = own_segment()->all;
  EXPECT_LE(all.closed.load(), all.opened.load());
  for (const row& each : own_segment()->arenas) {
    const bool is_passing = each.id.load() != 0 && name_in(each) == "passing";
    EXPECT_FALSE(is_passing);
  }
}

}  // namespace
