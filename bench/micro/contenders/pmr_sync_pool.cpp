// pmr_sync_pool.cpp - std::pmr's pools for any thread, over the process's malloc.
// Each takes one of the process's 1,024 pthread keys.
#include "contenders/pmr_heap.hpp"
#include "works/all.hpp"

namespace micro {
namespace {

struct pmr_sync_pool : pmr_heap<std::pmr::synchronized_pool_resource> {
  static constexpr const char* name = "pmr_sync_pool";
  static constexpr traits can{.any_thread_frees = true,
                              .any_thread_allocates = true,
                              .most_open = 1000,
                              .why_no_more = "1,024 keys"};
};

[[maybe_unused]] const bool registered = register_works<pmr_sync_pool>();

}  // namespace
}  // namespace micro
