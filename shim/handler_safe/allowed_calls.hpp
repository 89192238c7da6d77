// allowed_calls.hpp - which system calls the process still allows the shim.
//
// A program may forbid itself system calls. One that it would not make without the shim
// must not be the one that kills it: what its filter forbids is done without from then
// on. Then memory comes from what the core has, or from the base allocator, and what is
// idle stays. sandbox_calls.cpp asks the filter, before it is in force; what the system
// refuses to set forbids nothing.
#pragma once

#include "api/core.hpp"

namespace connarena::shim {

struct sandbox_limits {
  core::allowance map;
  core::allowance ask_process;
  core::allowance ask_sockets;
  core::allowance tidy;
  core::allowance count_input;
  core::allowance peek;
  core::allowance copy;
  core::allowance name_files;
  core::allowance disconnect;
};
inline constinit sandbox_limits sandbox{};

[[nodiscard]] inline bool may_map() noexcept { return sandbox.map.holds(); }
/// Whether getpid may be called.
[[nodiscard]] inline bool may_ask_process() noexcept { return sandbox.ask_process.holds(); }
/// Whether a socket's type, its peer and its flags may be asked for.
[[nodiscard]] inline bool may_ask_sockets() noexcept { return sandbox.ask_sockets.holds(); }
/// Whether all the calls may be made by which idle memory goes back in waits.
[[nodiscard]] inline bool may_tidy() noexcept { return sandbox.tidy.holds(); }
/// Whether it may be asked how many bytes a descriptor has for a read.
[[nodiscard]] inline bool may_count_input() noexcept { return sandbox.count_input.holds(); }
/// Whether the system may be asked if an address can be read.
[[nodiscard]] inline bool may_peek() noexcept { return sandbox.peek.holds(); }

/// Whether all the calls may be made by which a report is copied to its file.
[[nodiscard]] inline bool may_copy() noexcept { return sandbox.copy.holds(); }
/// Whether files may be opened, made, moved and mapped: not in a sandbox.
[[nodiscard]] inline bool may_name_files() noexcept { return sandbox.name_files.holds(); }

}  // namespace connarena::shim
