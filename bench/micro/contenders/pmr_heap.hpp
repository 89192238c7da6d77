// pmr_heap.hpp - a std::pmr::memory_resource as a contender.
#pragma once

#include <memory_resource>
#include <optional>

#include "works/contender.hpp"

namespace micro {

/// Opens by constructing the resource, closes by destroying it. Allocates as a
/// container does: through a pointer whose type the compiler does not know.
template <typename Resource>
class pmr_heap {
 public:
  void open() {
    resource_ = &storage_.emplace();
    asm volatile("" : "+r"(resource_));  // else gcc calls the known type's function directly
  }
  void close() { storage_.reset(); }
  void* allocate(std::size_t size) { return resource_->allocate(size); }
  void deallocate(void* block, std::size_t size) { resource_->deallocate(block, size); }

 protected:
  [[nodiscard]] Resource& resource() { return *storage_; }

 private:
  std::pmr::memory_resource* resource_ = nullptr;
  std::optional<Resource> storage_;
};

}  // namespace micro
