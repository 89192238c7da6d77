// exchange.hpp - where threads of a model test leave blocks for each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>

#include "harness/mailbox.hpp"
#include "harness/pattern.hpp"

namespace model {

struct parcel {
  void* at;
  std::size_t bytes;
  std::uint64_t contents;                         ///< seed of the pattern it holds
  std::pmr::memory_resource* resource = nullptr;  ///< what it is deallocated through, if any

  [[nodiscard]] bool is_intact() const { return harness::holds_pattern(at, bytes, contents); }
};

/// Where threads leave blocks for each other.
using exchange = harness::mailbox<parcel>;

}  // namespace model
