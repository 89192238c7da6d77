// system.cpp - the linker leads two functions of os/os.hpp here: see CMakeLists.txt.
#include <cstdint>

#include "lines.hpp"

extern "C" {
bool __real__ZN9connarena2os17fence_all_threadsEv() noexcept;
bool __wrap__ZN9connarena2os17fence_all_threadsEv() noexcept {
  cores::count_fence();
  return __real__ZN9connarena2os17fence_all_threadsEv();
}
/// Each thread is a core of its own.
std::int32_t __wrap__ZN9connarena2os17current_processorEv() noexcept { return cores::this_core(); }
}
