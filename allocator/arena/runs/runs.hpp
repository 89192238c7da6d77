// runs.hpp - blocks of a page and more: whole quarters, each run with an owner of
// its own, so that it can change hands without a copy.
//
// The run's first quarter says whose it is: a lane's, or it is unowned. A change of
// hands, and a free, is one compare-and-swap of that word, so exactly one of
// several threads wins. The runs of an arena are in a list, so that releasing it
// can end them; runs that belong to nobody are in no list.
//
// Threads: any, but for a one_thread arena's runs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arena/lane/free_result.hpp"
#include "arena/runs/run_owner.hpp"

namespace connarena {

/// Allocates a run. Null if the limit or the memory is exhausted, or the arena has
/// ended; errno says ENOMEM where it is the memory. `is_zero` says whether it reads as zero.
[[nodiscard]] void* allocate_run(run_owner of, std::size_t size_bytes, std::size_t alignment,
                                 bool& is_zero) noexcept;

/// Frees the run that starts at a quarter. `none`: no run does.
[[nodiscard]] free_result deallocate_run(quarter_index run) noexcept;

/// Whether the run that starts at an address is one of the lane's, and of a
/// length that a request for so many bytes makes or leaves it.
[[nodiscard]] bool is_run_of(const lane& only, const void* block, std::size_t size_bytes) noexcept;

/// Frees such a run. False, with nothing done, if it is none.
[[nodiscard]] bool deallocate_run_of(lane& only, void* block, std::size_t size_bytes) noexcept;

/// Grows or shrinks a live run in place to hold so many bytes. False if it cannot.
[[nodiscard]] bool resize_run(quarter_index run, std::size_t size_bytes) noexcept;

/// Allocates a run for a block that is growing out of its place. One that has
/// grown before gets address space to go on growing into. errno says ENOMEM where that is why.
[[nodiscard]] void* allocate_growing_run(run_owner of, std::size_t size_bytes,
                                         bool has_grown) noexcept;

/// Whether the live run that starts at a quarter is a block that has grown.
[[nodiscard]] bool has_grown(quarter_index run) noexcept;

/// I/O of an arena's connection went through a run: see core::adopt_by_io. Whether it is the
/// arena's only since then.
bool adopt_run(run_owner of, quarter_index run) noexcept;
/// A quarter may start a run that an arena's connection needs: see core::claim. `from` may
/// be nobody.
void claim_run(run_owner of, quarter_index at, run_owner from) noexcept;

/// Ends all runs of an arena, and leaves pass_time() to the caller. True if the thread keeps
/// them all. Pre: nobody else is inside the arena.
bool release_runs(lane& first) noexcept;

/// Makes the live runs of an arena unowned. Gives their number and quarters.
struct run_survivors {
  std::uint32_t blocks = 0;
  std::uint64_t quarters = 0;
};
run_survivors abandon_runs(lane& first) noexcept;
/// Ends them, and retires their pages.
run_survivors retire_runs(lane& first) noexcept;

/// Calls `see(context, address, bytes)` on each run of an arena.
void for_each_run(lane& first, void (*see)(void*, const void*, std::size_t),
                  void* context) noexcept;

/// In a forked child: makes a list whole that another thread was changing.
void repair_runs(lane& first) noexcept;

}  // namespace connarena
