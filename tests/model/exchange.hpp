// exchange.hpp - where threads of a model test leave blocks for each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <vector>

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
class exchange {
 public:
  void put(const parcel& item) {
    const std::lock_guard<std::mutex> hold(mutex_);
    items_.push_back(item);
  }
  [[nodiscard]] bool take(parcel& item) {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (items_.empty()) return false;
    item = items_.back();
    items_.pop_back();
    return true;
  }

 private:
  std::mutex mutex_;
  std::vector<parcel> items_;
};

}  // namespace model
