// A thread that waits for the owner of a lane, which it may have preempted.
#include <gtest/gtest.h>

#include <atomic>
#include <connarena/arena.hpp>
#include <thread>

#include "arena/arenas.hpp"
#include "arena/lane/access.hpp"
#include "harness/deadline.hpp"
#include "system/fake_os.hpp"

namespace {

TEST(lane, visitor_of_a_preempted_owner_sleeps) {
  connarena::synchronized_arena arena;
  connarena::lane& lane = *connarena::lane_of(arena.handle());
  arena.deallocate(arena.allocate(100), 100);
  connarena::thread_slot& self = connarena::this_thread();
  ASSERT_TRUE(connarena::enter_as_owner(lane, self));
  const std::size_t before = fake_os::seen().naps;
  std::atomic<bool> is_inside{false};
  std::thread visitor([&] {
    const connarena::visit inside(lane);
    is_inside = true;
  });
  EXPECT_TRUE(harness::wait_until([&] { return fake_os::seen().naps > before; }));
  EXPECT_FALSE(is_inside);
  connarena::leave_as_owner(self);
  visitor.join();
  EXPECT_TRUE(is_inside);
}

}  // namespace
