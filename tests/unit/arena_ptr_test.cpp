// An arena_ptr that goes away drains: what is still alive stays valid, and so
// does the resource.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <list>
#include <string>
#include <thread>

#include "harness/pattern.hpp"

namespace {

using connarena::synchronized_arena;

TEST(arena_ptr, survivor_keeps_its_contents_after_close) {
  connarena::arena_ptr arena = synchronized_arena::open();
  for (const std::size_t bytes : {16u, 64u, 300u, 2000u, 5000u, 300000u}) {
    connarena::arena_ptr each = synchronized_arena::open();
    void* temporary = each->allocate(bytes);
    void* survivor = each->allocate(bytes);
    harness::write_pattern(survivor, bytes, bytes);
    each->deallocate(temporary, bytes);
    std::pmr::memory_resource* resource = each.get();
    each.reset();
    void* other = arena->allocate(bytes);
    harness::write_pattern(other, bytes, ~std::uint64_t{bytes});
    EXPECT_TRUE(harness::holds_pattern(survivor, bytes, bytes));
    resource->deallocate(survivor, bytes);
  }
}

TEST(arena_ptr, polymorphic_allocator_of_a_survivor_stays_usable) {
  connarena::arena_ptr arena = synchronized_arena::open();
  std::pmr::list<std::pmr::string> queue(arena.get());
  queue.emplace_back("a message that is longer than a small string is");
  arena.reset();
  for (int i = 0; i < 1000; ++i) {
    queue.emplace_back(static_cast<std::size_t>(i), 'x');
    if (i % 2 == 0) queue.pop_front();
  }
  queue.front().resize(200000, 'y');
  EXPECT_EQ(queue.back(), std::pmr::string(999, 'x'));
}

TEST(arena_ptr, survivor_freed_by_another_thread) {
  connarena::arena_ptr arena = synchronized_arena::open();
  auto message = std::make_unique<std::pmr::string>(5000, 'm', arena.get());
  arena.reset();
  std::thread consumer([&message] {
    EXPECT_EQ(*message, std::pmr::string(5000, 'm'));
    message.reset();
  });
  consumer.join();
}

TEST(arena_ptr, drains_until_the_last_survivor_is_freed) {
  const std::size_t open_before = connarena::process().arenas_open;
  const std::size_t draining_before = connarena::process().arenas_draining;
  connarena::arena_ptr arena = synchronized_arena::open();
  std::pmr::memory_resource* resource = arena.get();
  void* first = arena->allocate(64);
  void* second = arena->allocate(64);
  EXPECT_EQ(connarena::process().arenas_open, open_before + 1);
  arena.reset();
  EXPECT_EQ(connarena::process().arenas_open, open_before);
  EXPECT_EQ(connarena::process().arenas_draining, draining_before + 1);
  resource->deallocate(first, 64);
  EXPECT_EQ(connarena::process().arenas_draining, draining_before + 1);
  resource->deallocate(second, 64);
  EXPECT_EQ(connarena::process().arenas_draining, draining_before);
}

TEST(arena_ptr, close_without_survivors_leaves_nothing) {
  const connarena::process_stats before = connarena::process();
  for (int i = 0; i < 1000; ++i) {
    connarena::arena_ptr arena = synchronized_arena::open();
    std::pmr::string text(500, 'x', arena.get());
  }
  EXPECT_EQ(connarena::process().arenas_open, before.arenas_open);
  EXPECT_EQ(connarena::process().arenas_draining, before.arenas_draining);
  EXPECT_EQ(connarena::process().live_bytes, before.live_bytes);
}

TEST(arena_ptr, every_other_survivor_of_many_stays_intact) {
  connarena::arena_ptr arena = synchronized_arena::open();
  std::pmr::memory_resource* resource = arena.get();
  constexpr std::size_t count = 3000;
  std::vector<void*> blocks;
  const auto size_of = [](std::size_t i) { return 16 + i * 7 % 1500; };
  for (std::size_t i = 0; i < count; ++i) {
    blocks.push_back(arena->allocate(size_of(i)));
    harness::write_pattern(blocks[i], size_of(i), i);
  }
  for (std::size_t i = 0; i < count; i += 2) arena->deallocate(blocks[i], size_of(i));
  arena.reset();
  connarena::arena_ptr next = synchronized_arena::open();
  for (std::size_t i = 0; i < count; ++i) {
    void* at = next->allocate(size_of(i));
    harness::write_pattern(at, size_of(i), ~i);
  }
  for (std::size_t i = 1; i < count; i += 2) {
    ASSERT_TRUE(harness::holds_pattern(blocks[i], size_of(i), i)) << i;
    resource->deallocate(blocks[i], size_of(i));
  }
}

}  // namespace
