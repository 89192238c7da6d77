// fences.cpp - the linker leads os::fence_all_threads here: see CMakeLists.txt.
#include "lines.hpp"

extern "C" {
bool __real__ZN9connarena2os17fence_all_threadsEv() noexcept;
bool __wrap__ZN9connarena2os17fence_all_threadsEv() noexcept {
  cores::count_fence();
  return __real__ZN9connarena2os17fence_all_threadsEv();
}
}
