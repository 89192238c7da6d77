#include "programs/observed_trim.hpp"

#include <malloc.h>

#include <cstddef>

void (*when_trimming)() = nullptr;

int malloc_trim(std::size_t) noexcept {
  if (when_trimming != nullptr) when_trimming();
  return 1;
}
