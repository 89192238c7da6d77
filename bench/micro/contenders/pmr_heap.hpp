// pmr_heap.hpp - a std::pmr::memory_resource as a contender.
#pragma once

#include <memory>
#include <memory_resource>

#include "works/contender.hpp"

namespace micro {

/// Opens by constructing the resource, closes by destroying it. Holds nothing
/// else, so that an idle one costs what it costs its user.
template <typename Resource>
class pmr_heap {
 public:
  pmr_heap() noexcept {}
  pmr_heap(const pmr_heap&) = delete;
  pmr_heap& operator=(const pmr_heap&) = delete;
  ~pmr_heap() {}

  void open() { std::construct_at(&resource_); }
  void close() { std::destroy_at(&resource_); }
  void* allocate(std::size_t size) { return as_container_sees_it()->allocate(size); }
  void deallocate(void* block, std::size_t size) {
    as_container_sees_it()->deallocate(block, size);
  }

 protected:
  [[nodiscard]] Resource& resource() noexcept { return resource_; }

 private:
  /// A pointer whose type the compiler does not know: else it would call the
  /// resource's own function directly.
  [[nodiscard]] std::pmr::memory_resource* as_container_sees_it() noexcept {
    std::pmr::memory_resource* any = &resource_;
    asm("" : "+r"(any));
    return any;
  }

  union {
    Resource resource_;  // alive from open() to close()
  };
};

}  // namespace micro
