// Containers of one kind of arena, and coroutines whose frames lie in the current one.
#include <connarena/allocator.hpp>
#include <connarena/scope.hpp>
#include <gtest/gtest.h>

#include <coroutine>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

template <typename Arena>
class allocator_of : public ::testing::Test {
 protected:
  template <typename T>
  using allocator = connarena::allocator<T, Arena>;
  template <typename T>
  using vector = std::vector<T, allocator<T>>;
  Arena arena_;
  Arena other_;
};

using arenas = ::testing::Types<connarena::arena, connarena::synchronized_arena>;
TYPED_TEST_SUITE(allocator_of, arenas);

TYPED_TEST(allocator_of, puts_what_a_container_holds_into_its_arena) {
  {
    typename TestFixture::template vector<int> numbers(&this->arena_);
    for (int i = 0; i < 10'000; ++i) numbers.push_back(i);
    EXPECT_EQ(numbers[9'999], 9'999);
    EXPECT_GE(this->arena_.stats().live_bytes, 10'000 * sizeof(int));
  }
  EXPECT_EQ(this->arena_.stats().live_bytes, 0u);
}

TYPED_TEST(allocator_of, serves_containers_of_nodes) {
  using pair = std::pair<const int, std::string>;
  std::map<int, std::string, std::less<>, typename TestFixture::template allocator<pair>> map(
      &this->arena_);
  std::list<double, typename TestFixture::template allocator<double>> list(&this->arena_);
  for (int i = 0; i < 100; ++i) {
    map[i] = std::to_string(i);
    list.push_back(i);
  }
  EXPECT_EQ(map.at(42), "42");
  EXPECT_EQ(list.size(), 100u);
  EXPECT_GE(this->arena_.stats().allocations, 200u);
}

TYPED_TEST(allocator_of, goes_along_with_what_is_moved) {
  typename TestFixture::template vector<int> from({1, 2, 3}, &this->arena_);
  typename TestFixture::template vector<int> to({4}, &this->other_);
  const int* const numbers = from.data();
  to = std::move(from);
  EXPECT_EQ(to.data(), numbers);
  EXPECT_EQ(to.get_allocator().resource(), &this->arena_);
}

TYPED_TEST(allocator_of, stays_where_something_is_copied_to) {
  const typename TestFixture::template vector<int> from({1, 2, 3}, &this->arena_);
  typename TestFixture::template vector<int> to(&this->other_);
  to = from;
  EXPECT_EQ(to.get_allocator().resource(), &this->other_);
  EXPECT_EQ(typename TestFixture::template vector<int>(from).get_allocator().resource(),
            &this->arena_);
}

TYPED_TEST(allocator_of, differs_by_its_arena_alone) {
  const connarena::allocator<int, TypeParam> one(&this->arena_);
  EXPECT_TRUE((one == connarena::allocator<long, TypeParam>(&this->arena_)));
  EXPECT_TRUE((one != connarena::allocator<int, TypeParam>(&this->other_)));
}

TYPED_TEST(allocator_of, refuses_more_objects_than_there_can_be) {
  connarena::allocator<long, TypeParam> of_long(&this->arena_);
  EXPECT_THROW(static_cast<void>(of_long.allocate(SIZE_MAX / 4)), std::bad_array_new_length);
}

TYPED_TEST(allocator_of, aligns_as_the_type_says) {
  struct alignas(256) wide {
    char bytes[256];
  };
  typename TestFixture::template vector<wide> wides(3, &this->arena_);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(wides.data()) % 256, 0u);
}

struct task {
  struct promise_type : connarena::frame_in_arena {
    task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_value(int value) { result = value; }
    void unhandled_exception() { std::terminate(); }
    int result = 0;
  };
  std::coroutine_handle<promise_type> handle;
};

/// Out of line: a compiler that sees the whole life of a frame needs no memory for it.
[[gnu::noinline]] task add(int left, int right) { co_return left + right; }

int result_of(const task& of) {
  of.handle.resume();
  const int result = of.handle.promise().result;
  of.handle.destroy();
  return result;
}

TEST(frame_in_arena, lies_in_the_current_arena) {
  connarena::synchronized_arena arena;
  const connarena::scope serving(arena);
  const task sum = add(2, 3);
  EXPECT_NE(arena.stats().live_bytes, 0u);
  EXPECT_EQ(result_of(sum), 5);
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

TEST(frame_in_arena, is_new_s_without_one) {
  const task sum = add(2, 3);
  EXPECT_EQ(result_of(sum), 5);
}

TEST(frame_in_arena, outlives_the_pointer_to_its_arena) {
  connarena::arena_ptr arena = connarena::synchronized_arena::open();
  const task sum = [&] {
    const connarena::scope serving(*arena);
    return add(40, 2);
  }();
  arena.reset();
  EXPECT_EQ(result_of(sum), 42);
}

}  // namespace
