// lane_protocol.hpp - who may work in a lane, step by step, as arena/lane/access.cpp,
// arena/any_thread_blocks.cpp and arena/small/remote_free.cpp do it: a model of one lane
// that threads allocate from, free blocks of, look into, end and open again.
//
// Stores go through a store buffer; an acquiring read-modify-write overtakes them.
//
// What a thread does inside is to add to a sum, in two steps: two threads inside at once,
// or one that does not see what the one before it did, lose some of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/store_buffer.hpp"

namespace model {

/// What a thread does. `meet`: it opens the arena's second lane; `part`: it comes to another
/// lane, or waits, and gives this one back if it has borrowed it.
enum class act : std::uint8_t { take, give, look, meet, part, end, open };

/// What is wrong on purpose, to see that the walk finds it.
enum class mistake : std::uint8_t {
  none,
  no_fence,            ///< a visitor does not fence the owner
  owner_before_guard,  ///< the owner looks at `owner` first
  no_second_look,      ///< who pushes a block does not ask whose page it is by then
  owner_after_guard,   ///< a visitor makes itself the owner after it has left
  unguarded_return,    ///< a borrower gives the lane back beside its guard
  relaxed_leave,       ///< who leaves the guard does not release what it did inside
};

inline constexpr std::size_t most_threads = 3;

/// The memory that threads share. `inside` is of the first thread; those of the others
/// follow.
enum class cell : std::uint8_t { guard, owner, hands, generation, page, sum, inside };
inline constexpr std::size_t cell_count = 6 + most_threads;

/// What a thread knows between its steps.
struct thread_state {
  std::uint8_t act;     ///< index in its script
  std::uint8_t at;      ///< step of that
  std::uint8_t handle;  ///< generation of the arena that it works on
  std::uint8_t seen;    ///< the owner it found
  std::uint8_t sum;
  std::uint8_t collected;
  std::uint8_t adds;    ///< blocks of its own to add
  std::uint8_t fenced;  ///< threads that have passed its fence
  std::uint8_t comes_again;
  store_buffer<4> stores;
};

struct lane_state {
  std::array<std::uint8_t, cell_count> memory;
  std::uint8_t remote;      ///< blocks pushed and not collected
  std::uint8_t place_free;  ///< whoever opens an arena may take the lane
  std::uint8_t has_second;
  std::uint8_t generations;  ///< opened so far
  std::uint8_t fences;       ///< for work and for the end, since the lane was opened
  std::uint8_t expected;     ///< what `sum` is when all is quiet
  std::array<thread_state, most_threads> threads;
};

class lane_protocol {
 public:
  using script = std::vector<act>;
  /// The lane is a new one, or has changed hands so often that it is shared, and may be lent.
  enum class begins : std::uint8_t { fresh, shared };
  explicit lane_protocol(std::vector<script> scripts, mistake wrong = mistake::none,
                         begins as = begins::fresh)
      : scripts_(std::move(scripts)), wrong_(wrong), begins_(as) {}

  [[nodiscard]] lane_state start() const;
  /// The threads, and for each the ways of its stores to the memory.
  [[nodiscard]] std::size_t actors() const {
    return (1 + decltype(thread_state::stores)::most) * scripts_.size();
  }
  /// False, with nothing changed, if the actor has to wait, or has nothing to do.
  [[nodiscard]] bool step(lane_state& state, std::size_t actor) const;
  /// Null if nothing is wrong.
  [[nodiscard]] const char* failure_of(const lane_state& state) const;
  [[nodiscard]] bool has_ended(const lane_state& state) const;

 private:
  std::vector<script> scripts_;
  mistake wrong_;
  begins begins_;
};

}  // namespace model
