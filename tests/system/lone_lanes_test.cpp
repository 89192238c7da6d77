// Arenas for one thread: what is idle in them is returned while their thread is not inside,
// and costs a busy one nothing.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "api/core.hpp"
#include "harness/expect_works.hpp"
#include "system/fake_os.hpp"

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::int64_t ms = 1'000'000;
constexpr std::size_t block_bytes = 900;
namespace core = connarena::core;
using harness::expect_works;

std::size_t retained_bytes() { return connarena::process().retained_bytes; }
std::size_t bound_bytes() { return 8 * mib + connarena::process().live_bytes / 32; }
std::size_t purges() { return fake_os::seen().of(fake_os::call::purge); }

/// 120 blocks come and go.
void work(connarena::arena& in) {
  std::array<void*, 120> blocks;
  for (void*& block : blocks) {
    block = in.allocate(block_bytes);
    std::memset(block, 1, block_bytes);
  }
  for (void* const block : blocks) in.deallocate(block, block_bytes);
}

/// Arenas that have worked, in each of which a block lives.
struct idle_arenas {
  std::vector<std::unique_ptr<connarena::arena>> arenas;
  std::vector<void*> kept;

  explicit idle_arenas(int count) {
    for (int i = 0; i < count; ++i) {
      arenas.push_back(std::make_unique<connarena::arena>());
      kept.push_back(arenas.back()->allocate(200));
      work(*arenas.back());
    }
  }
  ~idle_arenas() {
    for (std::size_t i = 0; i < arenas.size(); ++i) arenas[i]->deallocate(kept[i], 200);
  }
};

TEST(lone_lanes, beside_idle_ones_a_busy_one_returns_nothing) {
  expect_works([] {
    for (const int count : {0, 40, 90, 2000}) {
      const idle_arenas idle(count);
      connarena::arena busy;
      void* const kept = busy.allocate(block_bytes);
      for (int i = 0; i < 200; ++i) work(busy);
      const std::size_t before = purges();
      for (int i = 0; i < 1000; ++i) work(busy);
      busy.deallocate(kept, block_bytes);
      if (purges() != before) return 1;
    }
    return 0;
  });
}

TEST(lone_lanes, are_bounded_by_the_recent_peak_while_the_program_works) {
  expect_works([] {
    const idle_arenas idle(3000);
    return retained_bytes() <= bound_bytes() + mib ? 0 : 1;
  });
}

TEST(lone_lanes, are_bounded_where_the_system_has_no_fences) {
  expect_works([] {
    fake_os::setup().has_thread_fences = false;
    const idle_arenas idle(3000);
    return retained_bytes() <= bound_bytes() ? 0 : 1;
  });
}

TEST(lone_lanes, that_follow_a_peak_keep_what_is_wanted_until_it_is_not) {
  expect_works([] {
    std::vector<std::unique_ptr<connarena::arena>> arenas;
    std::vector<void*> blocks;
    for (int i = 0; i < 300; ++i) {
      arenas.push_back(std::make_unique<connarena::arena>());
      for (int k = 0; k < 100; ++k) blocks.push_back(arenas.back()->allocate(block_bytes));
    }
    for (std::size_t i = blocks.size(); i-- > 0;) {
      if (i % 100 != 0) arenas[i / 100]->deallocate(blocks[i], block_bytes);
    }
    if (retained_bytes() < 20 * mib) return 1;
    for (int i = 0; i < 4; ++i) {
      fake_os::setup().now_ns += 241 * ms;
      while (core::return_idle() == 0) {
      }
    }
    const bool is_bounded = retained_bytes() <= bound_bytes();
    for (std::size_t i = 0; i < arenas.size(); ++i) {
      arenas[i]->deallocate(blocks[i * 100], block_bytes);
    }
    return is_bounded ? 0 : 2;
  });
}

TEST(lone_lanes, are_returned_when_another_thread_says_that_it_waits) {
  expect_works([] {
    const idle_arenas idle(70);
    std::thread([] { connarena::idle(); }).join();
    core::set_retention_floor(mib);
    std::thread([] { connarena::idle(); }).join();
    fake_os::setup().now_ns += 1000 * ms;
    std::thread([] { connarena::idle(); }).join();
    return retained_bytes() <= 4 * mib ? 0 : 1;
  });
}

TEST(lone_lanes, are_whole_while_others_look_in) {
  expect_works([] {
    const idle_arenas idle(100);
    core::set_retention_floor(0);
    std::atomic<bool> is_over{false};
    std::atomic<int> broken{0};
    std::thread worker([&] {
      connarena::arena own;
      for (int round = 0; round < 100; ++round) {
        std::array<unsigned char*, 200> blocks;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
          const std::size_t bytes = 16 + i * 13 % 1000;
          blocks[i] = static_cast<unsigned char*>(own.allocate(bytes));
          std::memset(blocks[i], static_cast<int>(i), bytes);
        }
        for (std::size_t i = 0; i < blocks.size(); ++i) {
          const std::size_t bytes = 16 + i * 13 % 1000;
          if (blocks[i][0] != i % 256 || blocks[i][bytes - 1] != i % 256) ++broken;
          own.deallocate(blocks[i], bytes);
        }
      }
      is_over = true;
    });
    while (!is_over) {
      fake_os::setup().now_ns += 241 * ms;
      core::return_idle();
    }
    worker.join();
    return broken == 0 ? 0 : 1;
  });
}

}  // namespace
