// pmr_monotonic.cpp - std::pmr's monotonic buffer, over the process's malloc.
#include "contenders/pmr_heap.hpp"
#include "works/all.hpp"

namespace micro {
namespace {

struct pmr_monotonic : pmr_heap<std::pmr::monotonic_buffer_resource> {
  static constexpr const char* name = "pmr_monotonic";
  static constexpr traits can{.frees_blocks = false};
};

[[maybe_unused]] const bool registered = register_works<pmr_monotonic>();

}  // namespace
}  // namespace micro
