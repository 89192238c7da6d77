// What the core asks of the system, and what it does when the system refuses.
// The core reserves once in a process, so each case runs in a child of its own.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <vector>

#include "api/core.hpp"
#include "harness/child_process.hpp"
#include "harness/deadline.hpp"
#include "harness/pattern.hpp"
#include "system/fake_os.hpp"

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::size_t gib = std::size_t{1} << 30;

void expect_works(int (*body)()) {
  const harness::outcome result = harness::run_forked(body);
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

bool works(connarena_t arena) {
  for (const std::size_t bytes : {64u, 3000u, 100000u}) {
    void* block = connarena_malloc(arena, bytes);
    if (block == nullptr) return false;
    harness::write_pattern(block, bytes, bytes);
    if (!harness::holds_pattern(block, bytes, bytes)) return false;
    connarena_free(block);
  }
  return true;
}

TEST(system_that_refuses, every_reservation_gives_no_arena) {
  expect_works([] {
    fake_os::setup().largest_reservation_bytes = 0;
    errno = 0;
    if (connarena_create(nullptr) != 0) return 1;
    return errno == ENOMEM ? 0 : 2;
  });
}

TEST(system_that_refuses, large_reservations_gets_a_smaller_region) {
  expect_works([] {
    fake_os::setup().largest_reservation_bytes = 4 * gib;
    return works(connarena_create(nullptr)) ? 0 : 1;
  });
}

/// As of 39 bits, where half of what there is could be had.
TEST(system_with_few_addresses, keeps_three_quarters_of_them_for_the_program) {
  expect_works([] {
    fake_os::setup().refuses_reserve_at = true;
    fake_os::setup().largest_reservation_bytes = 511 * gib;
    if (!works(connarena_create(nullptr))) return 1;
    return fake_os::seen().reserved_bytes <= 140 * gib ? 0 : 2;
  });
}

TEST(system_that_refuses, any_commit_fails_requests_and_recovers) {
  expect_works([] {
    const connarena_t arena = connarena_create(nullptr);
    if (!works(arena)) return 1;
    fake_os::setup().commit_budget_bytes = 0;
    std::size_t blocks = 0;
    while (connarena_malloc(arena, 100000) != nullptr && blocks < 100000) ++blocks;
    if (blocks == 100000) return 2;
    if (errno != ENOMEM) return 3;
    fake_os::setup().commit_budget_bytes = SIZE_MAX;
    return works(arena) && connarena_malloc(arena, 200 * mib) != nullptr ? 0 : 4;
  });
}

TEST(system_that_refuses, purges_leaves_calloc_zero) {
  expect_works([] {
    fake_os::setup().refuses_purge = true;
    for (int round = 0; round < 5; ++round) {
      const connarena_t arena = connarena_create(nullptr);
      for (const std::size_t bytes : {std::size_t{64}, std::size_t{3000}, 20 * mib}) {
        void* block = connarena_calloc(arena, 1, bytes);
        if (block == nullptr) return 1;
        if (!harness::is_zero(block, bytes)) return 2;
        std::memset(block, 0xAB, bytes);
        connarena_free(block);
      }
      connarena_close(arena);
    }
    return 0;
  });
}

TEST(system_with_an_address_space_limit, loses_at_most_a_quarter_to_the_region) {
  expect_works([] {
    fake_os::setup().address_space_limit_bytes = gib;
    if (!works(connarena_create(nullptr))) return 1;
    return fake_os::seen().reserved_bytes <= gib / 4 ? 0 : 2;
  });
}

TEST(system_without_thread_fences, still_lets_any_thread_free) {
  expect_works([] {
    fake_os::setup().has_thread_fences = false;
    connarena::synchronized_arena arena;
    for (int round = 0; round < 100; ++round) {
      std::vector<void*> blocks;
      for (std::size_t i = 0; i < 100; ++i) blocks.push_back(arena.allocate(100));
      std::thread other([&] {
        for (void* block : blocks) arena.deallocate(block, 100);
      });
      arena.deallocate(arena.allocate(100), 100);
      other.join();
    }
    arena.deallocate(arena.allocate(100), 100);
    return arena.stats().live_bytes == 0 ? 0 : 1;
  });
}

TEST(system_that_refuses, a_thread_fence_ends_the_process_with_one_line) {
  const harness::outcome result = harness::run_forked([] {
    const connarena_t arena = connarena_create(nullptr);
    connarena_free(connarena_malloc(arena, 100));
    fake_os::setup().refuses_fences = true;
    std::thread([arena] { connarena_close(arena); }).join();
    return 0;
  });
  EXPECT_EQ(result.signal, SIGABRT) << harness::describe(result);
  EXPECT_EQ(result.errors, "connarena: internal error: the system refuses to fence threads\n");
}

connarena::arena_ptr closing_meanwhile;

TEST(closing, while_a_run_is_allocated_counts_the_run_as_a_survivor) {
  expect_works([] {
    closing_meanwhile = connarena::synchronized_arena::open();
    std::pmr::memory_resource* const resource = closing_meanwhile.get();
    void* const survivor = resource->allocate(64);
    fake_os::setup().before_commit = [] { std::thread([] { closing_meanwhile.reset(); }).join(); };
    void* const run = resource->allocate(100000);
    if (closing_meanwhile != nullptr) return 1;
    resource->deallocate(run, 100000);
    if (connarena::process().arenas_draining != 1) return 2;
    resource->deallocate(survivor, 64);
    return connarena::process().arenas_draining == 0 ? 0 : 3;
  });
}

std::size_t floor_bytes = 0;

std::thread forking;
std::atomic<bool> is_forked{false};
int child_status = -1;

/// The child's core is usable, if it is not as in the middle of something.
void fork_a_child() {
  const pid_t child = fork();
  if (child == 0) {
    alarm(10);
    _exit(works(connarena_create(nullptr)) ? 0 : 1);
  }
  is_forked = true;
  waitpid(child, &child_status, 0);
}

TEST(forking, while_another_thread_reserves_leaves_the_child_usable) {
  expect_works([] {
    fake_os::setup().before_reserve = [] {
      forking = std::thread(fork_a_child);
      // A fork that does not wait for the reservation is over by then.
      static_cast<void>(harness::wait_until(
          [] { return is_forked.load(); }, harness::clock::now() + std::chrono::milliseconds(200)));
    };
    if (!works(connarena_create(nullptr))) return 1;
    forking.join();
    return child_status == 0 ? 0 : 2;
  });
}

connarena_t handle_closing_meanwhile;

TEST(closing, while_the_handle_is_asked_for_a_run_makes_it_stale) {
  expect_works([] {
    handle_closing_meanwhile = connarena_create(nullptr);
    fake_os::setup().before_commit = [] {
      std::thread([] { connarena_close(handle_closing_meanwhile); }).join();
    };
    if (connarena_malloc(handle_closing_meanwhile, 100000) != nullptr) return 1;
    if (errno != ESTALE) return 2;
    return connarena::process().live_bytes == 0 ? 0 : 3;
  });
}

TEST(purging, does_not_happen_below_the_retention_bound) {
  expect_works([] {
    // A process forked after others has a part of the floor.
    connarena::core::set_retention_floor(8 * mib);
    const connarena_t arena = connarena_create(nullptr);
    const auto allocate_and_free = [arena] {
      for (const std::size_t bytes : {std::size_t{64}, std::size_t{20000}, 4 * mib}) {
        connarena_free(connarena_malloc(arena, bytes));
      }
    };
    allocate_and_free();
    const std::size_t purges = fake_os::seen().of(fake_os::call::purge);
    for (int i = 0; i < 1000; ++i) allocate_and_free();
    return fake_os::seen().of(fake_os::call::purge) == purges ? 0 : 1;
  });
}

TEST(purging, does_not_happen_below_a_floor_of_any_size) {
  for (const std::size_t floor : {std::size_t{1} << 63, SIZE_MAX, SIZE_MAX / 2}) {
    floor_bytes = floor;
    expect_works([] {
      connarena::core::set_retention_floor(floor_bytes);
      const connarena_t arena = connarena_create(nullptr);
      void* const block = connarena_malloc(arena, 64 * mib);
      std::memset(block, 'x', 64 * mib);
      connarena_free(block);
      return fake_os::seen().of(fake_os::call::purge) == 0 ? 0 : 1;
    });
  }
}

TEST(committing, takes_few_calls_for_much_memory) {
  expect_works([] {
    const connarena_t arena = connarena_create(nullptr);
    for (int i = 0; i < 20000; ++i) {
      if (connarena_malloc(arena, 20000) == nullptr) return 1;
      if (connarena_malloc(arena, 2000) == nullptr) return 2;
    }
    // 440 MB in steps of at least 1 MiB, in each of a few tables and parts.
    return fake_os::seen().of(fake_os::call::commit) <= 1000 ? 0 : 3;
  });
}

}  // namespace
