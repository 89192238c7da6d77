// fork.hpp - what is done around a fork.
#pragma once

namespace connarena::shim {

/// Registers our handlers; does nothing the second time. Called before anybody else's are
/// registered: ours then run last before a fork and first after it, so that other
/// handlers may call malloc.
void handle_forks() noexcept;

}  // namespace connarena::shim
