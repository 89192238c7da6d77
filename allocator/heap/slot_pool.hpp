// slot_pool.hpp - numbered places of 320 bytes: the lanes, and the first blocks.
//
// Places come in slabs of 64, which are five pages. A slab that is wholly
// free is retained while few are, and else returned to the system at once; so a
// million connections that have gone leave nothing. When a whole group of slabs
// has been returned, the tables that describe it follow. Where the system's pages are
// larger, one that slabs or tables share goes with the last of them.
//
// Number 0 is never handed out. In front, each thread keeps a few numbers.
#pragma once

#include <cstdint>

#include "heap/region.hpp"

namespace connarena {

struct thread_slot;

/// What the places of a pool are.
enum class place : std::uint8_t { lane, first_block };

/// Places lie in slabs of so many, and at most in so many slabs: a 16th of the 64 GiB
/// for small blocks is the most there can be.
inline constexpr std::uint32_t slab_places = 64;
inline constexpr std::uint32_t most_slabs = (1u << 20) / group_pages * (group_slots / slab_places);

/// Takes a place; 0 when there is none. Its contents are undefined, but zero if
/// it was never used.
[[nodiscard]] std::uint32_t take_place(place kind) noexcept;

/// Gives a place back. The caller has cleared what the tables say of it.
void give_place(place kind, std::uint32_t number) noexcept;

/// One past the highest number ever taken.
[[nodiscard]] std::uint32_t places_end(place kind) noexcept;

/// Pages of slabs that hold a place in use, or are retained.
[[nodiscard]] std::uint64_t place_pages() noexcept;
/// Of those, the retained ones.
[[nodiscard]] std::uint64_t idle_place_pages() noexcept;

/// Empties a thread's own numbers into the pools.
void give_back_places(thread_slot& slot) noexcept;

/// As the page heaps' calls of such names. Pre: the places are locked.
void give_up_unused_places() noexcept;
void return_gone_places() noexcept;

void lock_places() noexcept;
void unlock_places() noexcept;
void reset_places() noexcept;

}  // namespace connarena
