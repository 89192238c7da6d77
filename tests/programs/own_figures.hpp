// own_figures.hpp - what a program of this folder finds out about itself. Its file is
// built with harness/resident_memory.cpp.
#pragma once

#ifndef CONNARENA_WEAK
#define CONNARENA_WEAK
#endif
#include <connarena/connarena.h>

#include "harness/resident_memory.hpp"

namespace programs {

[[nodiscard]] inline long resident_kib() {
  return static_cast<long>(harness::resident_bytes() / harness::kib);
}

/// Arenas that are open or draining; 0 without the preload library.
[[nodiscard]] inline std::size_t arenas() {
  if (connarena_get_process_stats == nullptr) return 0;
  connarena_process_stats stats{};
  connarena_get_process_stats(&stats);
  return stats.arenas_open + stats.arenas_draining;
}

}  // namespace programs
