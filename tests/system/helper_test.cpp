// When the core starts a thread of its own, to return what is idle.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>
#include <vector>

#include "arena/idle_memory.hpp"
#include "arena/totals.hpp"
#include "harness/child_process.hpp"
#include "harness/expect_works.hpp"
#include "heap/demand.hpp"
#include "heap/retention.hpp"
#include "system/burst.hpp"
#include "system/fake_os.hpp"

namespace {

using fake_os::burst;
using harness::expect_works;

constexpr std::int64_t ms = 1'000'000;

/// 500 connections of 28 blocks, none of which are freed yet. 14 MiB.
struct crowd {
  std::vector<connarena_t> arenas;
  std::vector<void*> blocks;

  crowd() {
    for (int i = 0; i < 500; ++i) {
      arenas.push_back(connarena_create(nullptr));
      for (int k = 0; k < 28; ++k) blocks.push_back(connarena_malloc(arenas.back(), 1000));
    }
  }
  void free_all() const {
    for (void* const block : blocks) connarena_free(block);
  }
};

/// The process has threads, and one has come to the core.
void have_threads() {
  fake_os::setup().has_other_threads = true;
  std::thread([] { connarena_close(connarena_create(nullptr)); }).join();
}

/// Whether the last of what `free_blocks` does makes the excess that a helper is started for.
int starts_helper(const std::function<void()>& free_blocks) {
  if (fake_os::seen().threads_started != 0) return 1;
  have_threads();
  free_blocks();
  return fake_os::seen().threads_started == 1 ? 0 : 2;
}

TEST(helper, is_started_where_small_frees_alone_make_the_excess) {
  expect_works([] {
    const crowd whole;
    return starts_helper([&] { whole.free_all(); });
  });
}

TEST(helper, is_started_where_frees_of_another_thread_make_the_excess) {
  expect_works([] {
    const crowd whole;
    return starts_helper([&] { std::thread([&] { whole.free_all(); }).join(); });
  });
}

TEST(helper, is_started_where_frees_in_lanes_of_nobody_make_the_excess) {
  expect_works([] {
    connarena::end_ownership();
    const crowd whole;
    return starts_helper([&] { whole.free_all(); });
  });
}

TEST(helper, is_started_where_frees_of_survivors_make_the_excess) {
  expect_works([] {
    const crowd whole;
    for (const connarena_t arena : whole.arenas) connarena_close(arena);
    return starts_helper([&] { whole.free_all(); });
  });
}

TEST(helper, is_not_started_in_a_forked_child_before_it_has_threads) {
  expect_works([] {
    const crowd whole;
    fake_os::setup().has_other_threads = true;
    const harness::outcome alone = harness::run_forked([] {
      for (int i = 0; i < 100; ++i) burst(65536);
      return fake_os::seen().threads_started == 0 ? 0 : 1;
    });
    if (alone.exit_code != 0) return 1;
    const harness::outcome joined = harness::run_forked([] {
      have_threads();
      for (int i = 0; i < 100; ++i) burst(65536);
      return fake_os::seen().threads_started == 1 ? 0 : 1;
    });
    return joined.exit_code == 0 ? 0 : 2;
  });
}

/// The shared counts show an excess; with what a thread has not yet added there is none.
void make_seeming_excess() {
  using namespace connarena;
  constexpr std::int64_t little = 1000;
  retention::add_in_lanes(little - demand::excess_bytes(), true);
  retention::add_in_lanes(-2 * little, true);
}

TEST(helper, does_not_look_all_the_time_where_the_shared_counts_show_more_than_there_is) {
  expect_works([] {
    have_threads();
    make_seeming_excess();
    if (!connarena::demand::has_excess() || connarena::demand::excess_bytes() > 0) return 1;
    connarena::ask_helper();
    if (fake_os::seen().started == nullptr) return 2;
    const std::int64_t start_ns = fake_os::setup().now_ns;
    fake_os::seen().started();  // for ever, if it does not wait
    if (fake_os::seen().waits == 0) return 3;
    return fake_os::setup().now_ns - start_ns <= 2000 * ms ? 0 : 4;
  });
}

TEST(helper, is_not_started_in_a_program_of_one_thread) {
  expect_works([] {
    for (int i = 0; i < 100; ++i) burst(65536);
    return fake_os::seen().threads_started == 0 ? 0 : 1;
  });
}

TEST(helper, is_started_once_where_there_are_threads_and_an_excess) {
  expect_works([] {
    have_threads();
    connarena_free(connarena_malloc(connarena_create(nullptr), 500));
    if (fake_os::seen().threads_started != 0) return 1;
    for (int i = 0; i < 100; ++i) burst(65536);
    return fake_os::seen().threads_started == 1 ? 0 : 2;
  });
}

}  // namespace
