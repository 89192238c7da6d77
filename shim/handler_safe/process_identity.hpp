// process_identity.hpp - whether the caller runs in the process whose memory this is.
//
// A child of vfork runs in its parent's memory with descriptors of its own: what
// it does to them must not end the parent's connections.
#pragma once

namespace connarena::shim {

/// One system call.
[[nodiscard]] bool is_own_process() noexcept;
/// In the constructor and in a forked child.
void note_own_process() noexcept;

}  // namespace connarena::shim
