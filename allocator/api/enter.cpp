// enter.cpp - the C face's scopes. The preload library has its own, to which these
// go where it is present.
#include "api/core.hpp"
#include "api/face.hpp"

extern "C" connarena_t connarena_enter(connarena_t arena) {
  if (connarena::preloaded_face != nullptr) return connarena::preloaded_face->enter(arena);
  return connarena::core::exchange_current_arena(arena);
}

extern "C" void connarena_leave(connarena_t previous) { connarena_enter(previous); }
