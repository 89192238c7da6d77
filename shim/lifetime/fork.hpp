// fork.hpp - what is done around a fork.
#pragma once

namespace connarena::shim {

/// Pre: called once, before anybody else can register handlers: ours then run
/// last before a fork and first after it, so that other handlers may call malloc.
void handle_forks() noexcept;

}  // namespace connarena::shim
