// explained_faults.hpp - a word on a touch of a block that was released with its
// connection, where its page is inaccessible.
#pragma once

namespace connarena::shim {

/// Before the program dies of SIGSEGV at such an address, says so. A handler that the
/// program has, or sets, comes instead. In the constructor.
void explain_faults() noexcept;

}  // namespace connarena::shim
