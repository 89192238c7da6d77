// core_hardening.cpp - the one setting that both libraries read from the environment.
#include <cstdlib>
#include <cstring>

#include "api/core.hpp"
#include "arena/arenas.hpp"
#include "heap/hardening.hpp"

namespace connarena::core {

void harden_if_asked() noexcept {
  const char* const value = std::getenv("CONNARENA_HARDENED");
  if (value == nullptr || *value == '\0' || std::strcmp(value, "off") == 0) return;
  harden();
  forget_peaks_of_runs();
}

bool is_hardened() noexcept { return connarena::is_hardened(); }

}  // namespace connarena::core
