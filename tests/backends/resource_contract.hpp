// resource_contract.hpp - what every resource over another allocator's heap
// must do, written once.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <list>
#include <memory_resource>
#include <string>
#include <thread>
#include <vector>

namespace backends {

template <typename Resource>
class resource_contract : public ::testing::Test {};

TYPED_TEST_SUITE_P(resource_contract);

TYPED_TEST_P(resource_contract, blocks_have_their_size_and_alignment) {
  TypeParam resource;
  for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    for (const std::size_t size : {0u, 1u, 15u, 16u, 24u, 300u, 5000u, 100'000u}) {
      void* block = resource.allocate(size, alignment);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0u) << size;
      std::memset(block, 0x5a, size);
      resource.deallocate(block, size, alignment);
    }
  }
}

TYPED_TEST_P(resource_contract, serves_containers) {
  TypeParam resource;
  std::pmr::list<std::pmr::string> lines(&resource);
  for (int i = 0; i < 1000; ++i) lines.emplace_back(std::string(static_cast<std::size_t>(i), 'x'));
  EXPECT_EQ(lines.back().size(), 999u);
  EXPECT_EQ(lines.back().get_allocator().resource(), &resource);
}

TYPED_TEST_P(resource_contract, destruction_ends_live_blocks) {
  for (int round = 0; round < 100; ++round) {
    TypeParam resource;
    for (std::size_t size = 16; size <= 1 << 20; size *= 2) {
      std::memset(resource.allocate(size), round, size);
    }
  }
}

TYPED_TEST_P(resource_contract, is_usable_after_release) {
  TypeParam resource;
  std::memset(resource.allocate(1000), 1, 1000);
  resource.release();
  void* block = resource.allocate(1000);
  std::memset(block, 2, 1000);
  resource.deallocate(block, 1000);
}

TYPED_TEST_P(resource_contract, equals_itself_alone) {
  const TypeParam resource;
  const TypeParam other;
  EXPECT_TRUE(resource == resource);
  EXPECT_FALSE(resource == other);
}

TYPED_TEST_P(resource_contract, any_thread_may_deallocate) {
  TypeParam resource;
  std::vector<void*> blocks(1000);
  for (void*& block : blocks) block = resource.allocate(200);
  std::thread([&] {
    for (void* block : blocks) resource.deallocate(block, 200);
  }).join();
  EXPECT_NE(resource.allocate(200), nullptr);
}

TYPED_TEST_P(resource_contract, a_size_beyond_memory_is_bad_alloc) {
  TypeParam resource;
  EXPECT_THROW((void)resource.allocate(std::size_t{1} << 60), std::bad_alloc);
  EXPECT_NE(resource.allocate(100), nullptr);
}

REGISTER_TYPED_TEST_SUITE_P(resource_contract, blocks_have_their_size_and_alignment,
                            serves_containers, destruction_ends_live_blocks,
                            is_usable_after_release, equals_itself_alone, any_thread_may_deallocate,
                            a_size_beyond_memory_is_bad_alloc);

}  // namespace backends
