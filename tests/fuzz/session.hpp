// session.hpp - bytes as operations on arenas, each compared with the reference.
//
// All of an input's connections and blocks live in one session, on two threads
// that take turns. A block that moves, overlaps or changes, an arena that counts
// wrongly and anything that is left when all has been freed is a failed assertion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "fuzz/connection.hpp"
#include "fuzz/input.hpp"
#include "fuzz/second_thread.hpp"
#include "model/shadow_heap.hpp"

namespace fuzz {

class session {
 public:
  explicit session(input bytes) : bytes_(bytes) {}

  /// Does all that the bytes say, then frees and ends what is left.
  void run();

 private:
  using connection_ptr = std::shared_ptr<connection>;

  struct held_block {
    void* at;
    connection_ptr of;             ///< null: nobody's run
    std::size_t deallocate_bytes;  ///< what deallocate is to be told
  };

  void step();

  // operations
  void open();
  void allocate_one();
  void allocate_aligned();
  void allocate_many();
  void allocate_zeroed();
  void allocate_unowned();
  void reallocate_one();
  void free_one();
  void free_many();
  void release();
  void drain();
  void destroy();
  void adopt();
  void change_thread();
  void check();
  void trim();

  void allocate(std::size_t alignment);
  void end(bool drains);
  void use_stale_handle() const;
  void hold(void* at, std::size_t bytes, std::size_t alignment, const connection_ptr& of);
  void free_block(std::size_t index);
  void forget_blocks_of(const connection_ptr& ended);
  void check_counters(const connection_ptr& of) const;
  void free_all();

  [[nodiscard]] connection_ptr pick_open();
  [[nodiscard]] connection_ptr pick_open_of_c();
  [[nodiscard]] connection_ptr with_handle(connarena_t handle) const;
  [[nodiscard]] bool has_room(std::size_t bytes) const;

  input bytes_;
  second_thread other_;
  bool on_other_ = false;
  std::vector<connection_ptr> open_;
  std::vector<connarena_t> ended_;
  std::vector<held_block> blocks_;
  std::size_t held_bytes_ = 0;
  std::uint64_t contents_ = 0;
  model::shadow_heap reference_;
};

/// Runs one input, with the process as it was before when it returns.
void run_input(const std::uint8_t* bytes, std::size_t count);

}  // namespace fuzz
