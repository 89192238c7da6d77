// connection.hpp - an arena under test, by whichever API it was opened.
//
// A block's connection outlives it: survivors of an arena are freed through it
// after it has ended.
#pragma once

#include <connarena/arena.hpp>

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <new>

namespace fuzz {

enum class opened_as : unsigned char { c, one_thread, any_thread, pointer };

class connection {
 public:
  connection(opened_as kind, std::size_t limit_bytes) : kind_(kind), limit_bytes_(limit_bytes) {
    const connarena::arena_options options{limit_bytes, "fuzzed"};
    if (kind == opened_as::c) {
      const connarena_options wanted{limit_bytes == connarena::unlimited ? 0 : limit_bytes, "c"};
      handle_ = connarena_create(&wanted);
    } else if (kind == opened_as::one_thread) {
      one_thread_ = std::make_unique<connarena::arena>(options);
      resource_ = one_thread_.get();
    } else if (kind == opened_as::any_thread) {
      any_thread_ = std::make_unique<connarena::synchronized_arena>(options);
      handle_ = any_thread_->handle();
      resource_ = any_thread_.get();
    } else {
      pointer_ = connarena::synchronized_arena::open(options);
      handle_ = pointer_->handle();
      resource_ = pointer_.get();
    }
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() {
    if (is_open_) end(false);
  }

  [[nodiscard]] opened_as kind() const { return kind_; }
  [[nodiscard]] bool is_open() const { return is_open_; }
  [[nodiscard]] connarena_t handle() const { return handle_; }
  [[nodiscard]] std::size_t limit_bytes() const { return limit_bytes_; }
  [[nodiscard]] connarena::arena* one_thread() const { return one_thread_.get(); }
  [[nodiscard]] bool can_drain() const {
    return kind_ == opened_as::c || kind_ == opened_as::pointer;
  }

  /// Null where the API says that there is no memory.
  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment) {
    if (kind_ == opened_as::c) return connarena_aligned_alloc(handle_, alignment, bytes);
    try {
      return resource_->allocate(bytes, alignment);
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }
  void deallocate(void* block, std::size_t bytes, std::size_t alignment) {
    if (kind_ == opened_as::c) return connarena_free(block);
    resource_->deallocate(block, bytes, alignment);
  }

  /// Ends every block. Pre: is_open().
  void release() {
    if (kind_ == opened_as::c) {
      connarena_release(handle_);
    } else if (one_thread_ != nullptr) {
      one_thread_->release();
    } else {
      (pointer_ != nullptr ? *pointer_ : *any_thread_).release();
    }
  }

  /// Ends the arena; its blocks survive if it drains. Pre: is_open(), and
  /// can_drain() where it shall drain.
  void end(bool drains) {
    is_open_ = false;
    if (kind_ == opened_as::c) {
      drains ? connarena_close(handle_) : connarena_destroy(handle_);
      return;
    }
    if (kind_ == opened_as::pointer && !drains) pointer_->release();
    one_thread_.reset();
    any_thread_.reset();
    pointer_.reset();
  }

  [[nodiscard]] connarena_stats stats() const {
    if (one_thread_ != nullptr) return one_thread_->stats();
    connarena_stats counters{};
    connarena_get_stats(handle_, &counters);
    return counters;
  }

 private:
  opened_as kind_;
  std::size_t limit_bytes_;
  bool is_open_ = true;
  connarena_t handle_ = 0;
  std::unique_ptr<connarena::arena> one_thread_;
  std::unique_ptr<connarena::synchronized_arena> any_thread_;
  connarena::arena_ptr pointer_;
  std::pmr::memory_resource* resource_ = nullptr;
};

}  // namespace fuzz
