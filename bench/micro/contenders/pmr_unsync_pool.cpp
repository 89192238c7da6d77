// pmr_unsync_pool.cpp - std::pmr's pools for one thread, over the process's malloc.
#include "contenders/pmr_heap.hpp"
#include "works/all.hpp"

namespace micro {
namespace {

struct pmr_unsync_pool : pmr_heap<std::pmr::unsynchronized_pool_resource> {
  static constexpr const char* name = "pmr_unsync_pool";
  static constexpr traits can{};
};

[[maybe_unused]] const bool registered = register_works<pmr_unsync_pool>();

}  // namespace
}  // namespace micro
