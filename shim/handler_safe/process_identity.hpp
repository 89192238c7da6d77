// process_identity.hpp - whether the caller runs in the process whose memory this is.
//
// A child of vfork runs in its parent's memory with descriptors of its own: what
// it does to them must not end the parent's connections. It runs as the thread that called
// vfork, which waits meanwhile: that thread is marked before, and asks the system who it is
// until it finds itself the parent again. A child that clone makes beside its parent is told
// from it by nobody but the system: from then on every thread asks. One that the program
// makes by the bare instruction is not noted. What cannot be taken back asks always.
//
// A child of a bare clone has memory of its own, but no fork handler ran in it: it is
// noticed where it first asks, by a page that the system wipes in a child.
#pragma once

namespace connarena::shim {

/// No system call, unless such a child may be about. In signal handlers too.
[[nodiscard]] bool is_own_process() noexcept;
/// The same, of any child. One system call.
[[nodiscard]] bool is_surely_own_process() noexcept;
/// In the constructor and in a forked child.
void note_own_process() noexcept;
/// What to call in a child in which no fork handler ran.
void call_in_bare_child(void (*reset)()) noexcept;

/// Before the calling thread makes a child, by vfork or with these flags of clone.
void note_vfork() noexcept;
void note_clone(unsigned long flags) noexcept;

}  // namespace connarena::shim
