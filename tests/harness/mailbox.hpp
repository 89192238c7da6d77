// mailbox.hpp - where threads of a test leave things for each other.
#pragma once

#include <mutex>
#include <vector>

namespace harness {

template <typename Item>
class mailbox {
 public:
  void put(const Item& item) {
    const std::lock_guard<std::mutex> hold(mutex_);
    items_.push_back(item);
  }
  [[nodiscard]] bool take(Item& item) {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (items_.empty()) return false;
    item = items_.back();
    items_.pop_back();
    return true;
  }

  [[nodiscard]] std::vector<Item> items() {
    const std::lock_guard<std::mutex> hold(mutex_);
    return items_;
  }

 private:
  std::mutex mutex_;
  std::vector<Item> items_;
};

}  // namespace harness
