// A jemalloc arena as a memory resource.
#include <connarena/jemalloc_arena_resource.hpp>

#include <memory>
#include <set>

#include "backends/resource_contract.hpp"

namespace backends {

using connarena::jemalloc_arena_resource;

INSTANTIATE_TYPED_TEST_SUITE_P(jemalloc, resource_contract, jemalloc_arena_resource);

TEST(jemalloc_arena_resource, destroyed_index_is_used_again) {
  std::set<unsigned> indices;
  for (int i = 0; i < 1000; ++i) indices.insert(jemalloc_arena_resource().index());
  EXPECT_EQ(indices.size(), 1u);
}

TEST(jemalloc_arena_resource, arenas_at_a_time_are_limited) {
  // jemalloc encodes an index in 12 bits.
  std::vector<std::unique_ptr<jemalloc_arena_resource>> arenas;
  EXPECT_THROW(
      for (int i = 0; i <= 4096; ++i) arenas.push_back(std::make_unique<jemalloc_arena_resource>()),
      std::bad_alloc);
  EXPECT_GT(arenas.size(), 3000u);
  arenas.pop_back();
  EXPECT_NO_THROW(arenas.push_back(std::make_unique<jemalloc_arena_resource>()));
}

TEST(jemalloc_arena_resource, any_thread_may_allocate) {
  jemalloc_arena_resource resource;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::size_t size = 1; size < 2000; ++size) {
        resource.deallocate(resource.allocate(size), size);
      }
    });
  }
  for (std::thread& each : threads) each.join();
}

}  // namespace backends
