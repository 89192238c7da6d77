// reservation.hpp - which addresses of the region's range are reserved.
//
// A range of 512 GiB that is reserved as a whole startles what looks at mappings:
// debuggers that write core files, emulators, whoever reads VmSize. So the range is only
// chosen, where the system puts nothing by itself, and each part has what it wants soon:
// it starts small, and doubles. What others map in between is not ours, and ends the
// growth of the part before it. Where no such range is found, and where the address space
// is small, everything is reserved at once: decision 0011.
//
//   addresses [begin, reserved) of a part and what of the tables describes them
//
// A page beyond the committed ones is reserved, too: neighbours' owners are looked up.
//
// Threads: the caller holds the part's lock; of all parts where it says so.
#pragma once

#include <cstddef>

#include "heap/region.hpp"

namespace connarena {

/// Chooses and lays out the range. False if the system has no room. Threads: one.
[[nodiscard]] bool choose_range() noexcept;

/// Reserves what a part and its tables need up to a page, and one page more.
[[nodiscard]] bool reserve_up_to(region_part& part, unit_index to) noexcept;

/// What is reserved from now on counts as in use, as where the program locks all of its
/// memory: steps are small.
void be_frugal(bool is_frugal) noexcept;
[[nodiscard]] bool is_frugal() noexcept;

/// Gives back what a part has reserved or committed beyond a page that was never used;
/// it may be had again. Where all is reserved at once, it does nothing.
void give_up_from(region_part& part, unit_index unused) noexcept;
/// The same of the owners that can be looked up beyond the parts. Threads: holds all.
void give_up_owners() noexcept;

/// For good: until at most so many bytes are reserved, and no more than that are later.
/// Threads: holds all.
void shrink_region(std::size_t most_bytes) noexcept;

/// Before the range is chosen: how large it may be. At most 512 GiB.
void limit_range(std::size_t most_bytes) noexcept;

}  // namespace connarena
