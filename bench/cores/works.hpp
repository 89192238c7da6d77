// works.hpp - what each of some threads does, operation by operation.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace cores {

/// One thread's part. Made, used and destroyed by that thread; shares no line with
/// another one's.
struct alignas(128) worker {
  virtual ~worker() = default;
  virtual void operate() = 0;
};

/// Makes the part of thread `index` of `threads`. The first thread's is made first.
using make_worker = std::function<std::unique_ptr<worker>(std::size_t index, std::size_t threads)>;

struct work {
  const char* name;
  make_worker make;
};

[[nodiscard]] const std::vector<work>& all_works();

}  // namespace cores
