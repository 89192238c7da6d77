// A mimalloc heap as a memory resource.
#include <connarena/mimalloc_heap_resource.hpp>
#include <mimalloc.h>

#include "backends/resource_contract.hpp"

namespace backends {

using connarena::mimalloc_heap_resource;

INSTANTIATE_TYPED_TEST_SUITE_P(mimalloc, resource_contract, mimalloc_heap_resource);

TEST(mimalloc_heap_resource, blocks_are_of_its_heap) {
  mimalloc_heap_resource one;
  mimalloc_heap_resource other;
  void* block = one.allocate(300);
  EXPECT_TRUE(mi_heap_contains_block(one.heap(), block));
  EXPECT_FALSE(mi_heap_contains_block(other.heap(), block));
}

TEST(mimalloc_heap_resource, each_thread_may_have_its_own) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int round = 0; round < 100; ++round) {
        mimalloc_heap_resource resource;
        for (std::size_t size = 16; size < 2000; size += 16) {
          std::memset(resource.allocate(size), 1, size);
        }
      }
    });
  }
  for (std::thread& each : threads) each.join();
}

}  // namespace backends
