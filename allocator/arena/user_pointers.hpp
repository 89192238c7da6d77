// user_pointers.hpp - a pointer that the core keeps for whoever opened an arena.
//
// Beside the lanes, which have no room: few programs want it. An entry says which arena it
// is of, so that opening one writes nothing here.
//
// Threads: any, but nobody ends the arena meanwhile.
#pragma once

#include <cstdint>

namespace connarena {

/// Of the arena of a generation whose first lane has an index. Null before it is set.
[[nodiscard]] void* user_of(std::uint32_t index, std::uint64_t generation) noexcept;
/// False when no memory is left.
[[nodiscard]] bool set_user(std::uint32_t index, std::uint64_t generation, void* user) noexcept;

}  // namespace connarena
