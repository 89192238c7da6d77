// idle_memory.hpp - waiting until the process has returned what nobody wants any more.
#pragma once

#include <connarena/connarena.h>

#include <chrono>

#include "harness/deadline.hpp"

namespace harness {

/// The program says that it waits, until nothing is left to return. False if that takes
/// longer than it may.
[[nodiscard]] inline bool idle_memory_goes() {
  return wait_until([] { return connarena_idle() < 0; }, clock::now() + std::chrono::seconds(5));
}

}  // namespace harness
