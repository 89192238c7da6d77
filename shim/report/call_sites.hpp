// call_sites.hpp - where survivors were allocated, if a report is wanted.
//
// Blocks of the core are sampled as they are handed out: the first 4,096 of a process
// all, then one of 8, and after 32 times as many one of 64, each standing for as many, at
// random distances. A sample is a walk up the stack, some microseconds. What a connection leaves is
// looked up when its arena ends. A sample that two blocks contend for is the later's:
// the figures are estimates, from below.
//
// Threads: any; allocates nothing.
#pragma once

#include <cstddef>

#include "api/core.hpp"
#include "shim/report/own_record.hpp"

namespace connarena::shim::report {

namespace detail {
void sample_block(const void* block) noexcept;
void count_survivors(core::handle arena) noexcept;
}  // namespace detail

/// A block of an arena, and where it was allocated.
struct sited_block {
  std::uint64_t bytes;
  const std::uint64_t* frames;  ///< call_site::most_frames of them; null: not sampled
};
/// An arena's largest blocks, the largest first, as many as there is room for; gives how many.
/// Walks all of its blocks. Pre: a report is wanted; inside the core, and not in a handler
/// that interrupted it.
[[nodiscard]] std::size_t largest_blocks(core::handle arena, sited_block* into,
                                         std::size_t room) noexcept;

/// The module of a number in a frame, from 1 to ledger::most_modules.
[[nodiscard]] const code_module& module_of(std::size_t number) noexcept;

/// A block was handed out, or has moved.
inline void block_is_made(const void* block) noexcept {
  if (is_report_wanted()) detail::sample_block(block);
}
/// An arena is about to end. Pre: inside the core, and not in a handler that
/// interrupted it.
inline void arena_ends(core::handle arena) noexcept {
  if (is_report_wanted()) detail::count_survivors(arena);
}

}  // namespace connarena::shim::report
