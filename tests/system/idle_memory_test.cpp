// When idle memory goes back, by a clock that the test sets.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "api/core.hpp"
#include "arena/idle_memory.hpp"
#include "arena/totals.hpp"
#include "harness/expect_works.hpp"
#include "heap/demand.hpp"
#include "heap/retention.hpp"
#include "system/burst.hpp"
#include "system/fake_os.hpp"

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::int64_t ms = 1'000'000;
namespace core = connarena::core;
using fake_os::burst;
using harness::expect_works;

void wait_ms(std::int64_t time) { fake_os::setup().now_ns += time * ms; }

std::size_t retained_bytes() { return connarena::process().retained_bytes; }
std::size_t purged_bytes() { return fake_os::seen().purged_bytes; }
std::size_t strict_bound_bytes() { return 8 * mib + connarena::process().live_bytes / 32; }

/// Looks at once, and whenever there is said to be more, for so long.
void look_for_ms(std::int64_t time) {
  const std::int64_t end_ns = fake_os::setup().now_ns + time * ms;
  for (;;) {
    const std::int64_t next_ns = core::return_idle();
    if (next_ns < 0 || fake_os::setup().now_ns + next_ns > end_ns) break;
    fake_os::setup().now_ns += next_ns;
  }
  fake_os::setup().now_ns = end_ns;
}

TEST(idle_memory, of_a_program_at_work_stays) {
  expect_works([] {
    burst(65536);
    const std::size_t before = purged_bytes();
    for (int i = 0; i < 50; ++i) {
      wait_ms(i % 2 == 0 ? 400 : 20);
      core::return_idle();
      burst(65536);
    }
    return purged_bytes() == before ? 0 : 1;
  });
}

/// As servers do with the buffers of answers: others lie behind each, so that it moves.
TEST(idle_memory, of_blocks_that_shrink_and_grow_again_stays) {
  expect_works([] {
    const connarena_t arena = connarena_create(nullptr);
    constexpr std::size_t least_bytes = 16384;
    std::vector<void*> blocks;
    for (int i = 0; i < 8; ++i) blocks.push_back(connarena_malloc(arena, least_bytes));
    const auto resize_all = [&](std::size_t bytes) {
      for (void*& block : blocks) block = connarena_realloc(arena, block, bytes);
    };
    const auto grow_and_shrink = [&] {
      for (std::size_t bytes = 2 * least_bytes; bytes <= mib; bytes *= 2) resize_all(bytes);
      resize_all(least_bytes);
    };
    for (int i = 0; i < 4; ++i) grow_and_shrink();
    const std::size_t before = purged_bytes();
    for (int i = 0; i < 50; ++i) {
      wait_ms(20);
      grow_and_shrink();
    }
    return purged_bytes() == before ? 0 : 1;
  });
}

TEST(idle_memory, is_taken_by_a_block_that_has_shrunk_and_grows_again) {
  expect_works([] {
    const connarena_t arena = connarena_create(nullptr);
    void* block = connarena_malloc(arena, 16384);
    // Others lie behind it, so that it moves each time, and at last has grown often.
    for (std::size_t bytes = 131072; bytes <= mib; bytes *= 2) {
      if (connarena_malloc(arena, 131072) == nullptr) return 1;
      block = connarena_realloc(arena, block, bytes);
    }
    const auto first = reinterpret_cast<std::uintptr_t>(block);
    block = connarena_realloc(arena, block, 16384);
    const std::size_t before = retained_bytes();
    if (connarena_malloc(arena, 131072) == nullptr) return 1;
    block = connarena_realloc(arena, block, mib / 2);
    const auto second = reinterpret_cast<std::uintptr_t>(block);
    if (second < first || second > first + mib) return 2;
    return retained_bytes() < before ? 0 : 3;
  });
}

TEST(idle_memory, goes_within_a_second_of_its_last_use) {
  expect_works([] {
    burst(65536);
    if (retained_bytes() < 12 * mib) return 1;
    look_for_ms(400);
    if (retained_bytes() < 12 * mib) return 2;
    look_for_ms(500);
    return retained_bytes() <= strict_bound_bytes() ? 0 : 3;
  });
}

TEST(idle_memory, is_wanted_as_far_as_it_was_used_lately) {
  expect_works([] {
    void* const large = connarena_malloc(connarena_create(nullptr), 100 * mib);
    connarena_free(large);
    for (int i = 0; i < 10; ++i) {
      burst(65536 * 2);
      look_for_ms(200);
    }
    if (retained_bytes() > 40 * mib) return 1;
    return retained_bytes() >= 30 * mib ? 0 : 2;
  });
}

/// A hundred blocks of 1 MiB go, and come back one by one in so many steps of 60 ms.
void leave_and_return(std::vector<void*>& blocks, int steps) {
  const connarena_t arena = connarena_create(nullptr);
  for (void* block : blocks) connarena_free(block);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i % (blocks.size() / static_cast<std::size_t>(steps)) == 0) look_for_ms(60);
    blocks[i] = connarena_malloc(arena, mib);
  }
}

TEST(idle_memory, stays_while_a_program_grows_into_it) {
  expect_works([] {
    std::vector<void*> blocks(100);
    leave_and_return(blocks, 1);
    const std::size_t before = purged_bytes();
    for (int i = 0; i < 5; ++i) leave_and_return(blocks, 50);
    return purged_bytes() == before ? 0 : 1;
  });
}

TEST(idle_memory, goes_within_a_second_when_a_program_stops_growing_into_it) {
  expect_works([] {
    std::vector<void*> blocks(100);
    leave_and_return(blocks, 1);
    for (std::size_t i = 40; i < blocks.size(); ++i) connarena_free(blocks[i]);
    for (int i = 0; i < 20; ++i) {
      look_for_ms(60);
      if (connarena_malloc(connarena_create(nullptr), mib) == nullptr) return 1;
    }
    if (retained_bytes() < 30 * mib) return 2;
    look_for_ms(900);
    return retained_bytes() <= strict_bound_bytes() ? 0 : 3;
  });
}

TEST(idle_memory, goes_with_work_that_goes_on_elsewhere) {
  expect_works([] {
    burst(65536);
    const connarena_t busy = connarena_create(nullptr);
    for (int i = 0; i < 2000; ++i) {
      void* const block = connarena_malloc(busy, mib);
      connarena_free(block);
      wait_ms(1);
    }
    return retained_bytes() <= strict_bound_bytes() ? 0 : 1;
  });
}

TEST(idle_memory, of_small_blocks_in_open_arenas_goes_as_well) {
  expect_works([] {
    std::vector<connarena_t> arenas;
    for (int i = 0; i < 400; ++i) {
      arenas.push_back(connarena_create(nullptr));
      std::vector<void*> blocks;
      for (int k = 0; k < 100; ++k) blocks.push_back(connarena_malloc(arenas.back(), 900));
      for (std::size_t k = 1; k < blocks.size(); ++k) connarena_free(blocks[k]);
    }
    if (retained_bytes() < 24 * mib) return 1;
    look_for_ms(980);
    return retained_bytes() <= strict_bound_bytes() ? 0 : 2;
  });
}

// An arena begins with what the one before it had used, and need not come to it.
TEST(idle_memory, that_open_arenas_began_with_goes_as_well) {
  expect_works([] {
    core::return_idle();
    for (int i = 0; i < 2000; ++i) {
      const connarena_t served = connarena_create(nullptr);
      for (int k = 0; k < 20; ++k) static_cast<void>(connarena_malloc(served, 3000));
      connarena_destroy(served);
      if (connarena_malloc(connarena_create(nullptr), 64) == nullptr) return 1;
    }
    if (retained_bytes() < 24 * mib) return 2;
    look_for_ms(720);
    return retained_bytes() <= strict_bound_bytes() ? 0 : 3;
  });
}

TEST(idle_memory, of_small_blocks_of_which_none_lives_goes_as_well) {
  expect_works([] {
    const connarena_t arena = connarena_create(nullptr);
    std::vector<void*> blocks;
    for (int i = 0; i < 40000; ++i) blocks.push_back(connarena_malloc(arena, 900));
    for (void* const block : blocks) connarena_free(block);
    if (retained_bytes() < 24 * mib) return 1;
    look_for_ms(980);
    return retained_bytes() <= strict_bound_bytes() ? 0 : 2;
  });
}

TEST(idle_memory, of_arenas_for_one_thread_is_bounded_at_once) {
  expect_works([] {
    std::vector<std::unique_ptr<connarena::arena>> arenas;
    std::vector<void*> kept;
    for (int i = 0; i < 3000; ++i) {
      arenas.push_back(std::make_unique<connarena::arena>());
      kept.push_back(arenas.back()->allocate(200));
    }
    for (int round = 0; round < 4; ++round) {
      for (const auto& arena : arenas) {
        void* blocks[20];
        for (void*& block : blocks) block = arena->allocate(900);
        for (void* const block : blocks) arena->deallocate(block, 900);
      }
    }
    look_for_ms(980);
    const bool is_bounded = retained_bytes() <= strict_bound_bytes();
    for (std::size_t i = 0; i < arenas.size(); ++i) arenas[i]->deallocate(kept[i], 200);
    return is_bounded ? 0 : 1;
  });
}

// Threads have their shares of the floor as it was.
TEST(idle_memory, of_arenas_for_one_thread_has_no_excess_where_there_is_none) {
  expect_works([] {
    if (connarena_create(nullptr) == 0) return 1;
    core::set_retention_floor(0);
    if (connarena::retention::more_than_little_in_own_lanes() != 0) return 2;
    connarena::retention::add_in_lanes(1 << 20, false);
    return connarena::retention::excess_in_own_lanes() == 1 << 20 ? 0 : 3;
  });
}

TEST(idle_memory, of_a_program_that_says_it_waits_goes_at_once) {
  expect_works([] {
    burst(65536);
    if (connarena::idle() >= 0) return 1;
    return retained_bytes() <= strict_bound_bytes() ? 0 : 2;
  });
}

TEST(idle_memory, of_small_blocks_goes_at_once_where_the_program_says_that_it_waits) {
  expect_works([] {
    for (int round = 0; round < 3; ++round) {
      std::vector<connarena_t> arenas;
      std::vector<void*> blocks;
      for (int i = 0; i < 400; ++i) {
        arenas.push_back(connarena_create(nullptr));
        for (int k = 0; k < 100; ++k) blocks.push_back(connarena_malloc(arenas.back(), 900));
      }
      for (void* const block : blocks) connarena_free(block);
      wait_ms(1000);
      connarena::idle();
      if (retained_bytes() > strict_bound_bytes()) return 1 + round;
      for (const connarena_t arena : arenas) connarena_close(arena);
    }
    return 0;
  });
}

TEST(idle_memory, of_a_program_that_often_says_so_stays_while_it_is_wanted) {
  expect_works([] {
    connarena::idle();
    burst(65536);
    connarena::idle();
    const std::size_t before = purged_bytes();
    for (int i = 0; i < 20; ++i) {
      wait_ms(300);
      burst(65536);
      if (connarena::idle() < 0) return 1;
    }
    if (purged_bytes() != before) return 2;
    for (int next_ms = 0; next_ms >= 0; next_ms = connarena::idle()) wait_ms(next_ms);
    return retained_bytes() <= strict_bound_bytes() ? 0 : 3;
  });
}

}  // namespace
