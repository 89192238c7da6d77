// run_room.hpp - the quarters that a run lies in, and those behind it that it may grow
// into.
//
// In a hardened process the room of a large run has guards: see guards.hpp. Then its
// length is exact, not a run class, so that the guard starts on the page behind the
// last byte.
//
// Threads: whoever takes, grows or gives the run.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arena/runs/run.hpp"
#include "heap/page_heap.hpp"
#include "heap/run_sizes.hpp"

namespace connarena {

/// What became a run's: its quarters, and the spare ones behind them.
struct run_room {
  page_run taken;
  std::uint32_t quarters;
  std::uint32_t spare;

  /// None, if it is 0.
  [[nodiscard]] quarter_index run() const noexcept { return {taken.first}; }
};

[[nodiscard]] std::uint32_t quarters_of_long_request(std::size_t size_bytes) noexcept;

/// Quarters that a run for so many bytes has; 0 if that is absurd. A short one has a length
/// of its own, and no guards.
[[nodiscard]] inline std::uint32_t quarters_of_request(std::size_t size_bytes) noexcept {
  if (size_bytes - page_bytes <= exact_run_units * quarter_bytes - page_bytes) [[likely]]
    return quarters_for(size_bytes);
  return quarters_of_long_request(size_bytes);
}

/// Quarters that a run has whose block holds so many bytes; 0 if that is absurd.
[[nodiscard]] inline std::uint32_t quarters_of_block(quarter_index run,
                                                     std::size_t size_bytes) noexcept {
  const std::size_t start = start_of(run);
  return size_bytes <= SIZE_MAX - start ? quarters_of_request(start + size_bytes) : 0;
}

/// Takes room for a run of so many quarters, of an arena or unowned.
[[nodiscard]] run_room take_room(bool is_unowned, std::uint32_t quarters,
                                 std::size_t alignment) noexcept;

/// The same for a block that grows; one that has grown before gets spare ones.
[[nodiscard]] run_room take_growing_room(bool is_unowned, std::uint32_t quarters,
                                         bool has_grown) noexcept;

/// Takes `more` quarters right behind a run. False if it cannot have them there. The
/// run's length is the caller's affair.
[[nodiscard]] bool extend_room(quarter_index run, std::uint32_t more) noexcept;

/// Retires the room of a run, with all that it might have grown into.
void retire_room(quarter_index run) noexcept;

/// Gives the room of a run back. The caller has cleared its owners.
void give_room(quarter_index run) noexcept;

}  // namespace connarena
