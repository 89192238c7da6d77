// entered.cpp - connarena_enter and connarena_leave under the preload library: where
// small blocks of connections count, those of an entered arena do.
#include "api/core.hpp"
#include "shim/attribution/ambient.hpp"

extern "C" connarena_t connarena_enter(connarena_t arena) {
  const connarena_t previous = connarena::core::exchange_current_arena(arena);
  connarena::shim::choose_direct_sizes();
  return previous;
}

extern "C" void connarena_leave(connarena_t previous) { connarena_enter(previous); }
