// allowed_calls.hpp - which system calls the process still allows the shim.
//
// A program may forbid itself system calls. One that it would not make without the shim
// must not be the one that kills it: what its filter forbids is done without from then
// on. Then memory comes from what the core has, or from the base allocator, and what is
// idle stays. sandbox_calls.cpp asks the filter, before it is in force.
#pragma once

#include <atomic>

namespace connarena::shim {

/// Each is lowered once, and for good.
struct sandbox_limits {
  std::atomic<bool> may_map{true};
  std::atomic<bool> may_ask_process{true};
  std::atomic<bool> may_ask_sockets{true};
  std::atomic<bool> may_tidy{true};
  std::atomic<bool> may_copy{true};
  std::atomic<bool> may_name_files{true};
};
inline constinit sandbox_limits sandbox{};

namespace detail {
[[nodiscard]] inline bool read(const std::atomic<bool>& limit) noexcept {
  return limit.load(std::memory_order_relaxed);
}
}  // namespace detail

[[nodiscard]] inline bool may_map() noexcept { return detail::read(sandbox.may_map); }
/// Whether getpid may be called.
[[nodiscard]] inline bool may_ask_process() noexcept {
  return detail::read(sandbox.may_ask_process);
}
/// Whether a socket's type, its peer and its flags may be asked for.
[[nodiscard]] inline bool may_ask_sockets() noexcept {
  return detail::read(sandbox.may_ask_sockets);
}
/// Whether all the calls may be made by which idle memory goes back in waits.
[[nodiscard]] inline bool may_tidy() noexcept { return detail::read(sandbox.may_tidy); }

/// Whether all the calls may be made by which a report is copied to its file.
[[nodiscard]] inline bool may_copy() noexcept { return detail::read(sandbox.may_copy); }
/// Whether files may be opened, made, moved and mapped: not in a sandbox.
[[nodiscard]] inline bool may_name_files() noexcept { return detail::read(sandbox.may_name_files); }

}  // namespace connarena::shim
