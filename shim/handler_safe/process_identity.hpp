// process_identity.hpp - whether the caller runs in the process whose memory this is.
//
// A child of vfork runs in its parent's memory with descriptors of its own: what
// it does to them must not end the parent's connections. A child of a bare clone has
// memory of its own, but no fork handler ran in it: it is noticed where it first asks, by
// a page that the system wipes in a child.
#pragma once

namespace connarena::shim {

/// One system call. In signal handlers too.
[[nodiscard]] bool is_own_process() noexcept;
/// In the constructor and in a forked child.
void note_own_process() noexcept;
/// What to call in a child in which no fork handler ran.
void call_in_bare_child(void (*reset)()) noexcept;

}  // namespace connarena::shim
