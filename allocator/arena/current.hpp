// current.hpp - the calling thread's current arena.
#pragma once

#include <connarena/connarena.h>

namespace connarena {

/// May be stale.
extern thread_local connarena_t current_handle __attribute__((tls_model("initial-exec")));

}  // namespace connarena
