#include "shim/beneath/next_operators.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

namespace connarena::shim {

namespace detail {
constinit std::atomic<operators> decided{operators::undecided};
}  // namespace detail

namespace {

const char* start_of_library(const void* address) noexcept {
  Dl_info found{};
  return dladdr(address, &found) != 0 ? static_cast<const char*>(found.dli_fbase) : nullptr;
}

/// Whether a name that a program calls reaches this library. A program that is not
/// position-independent may have an entry of its own for a name it does not define.
bool reaches_us(const char* name) noexcept {
  const void* const called = dlsym(RTLD_DEFAULT, name);
  if (called == nullptr) return true;
  Dl_info found{};
  void* symbol = nullptr;
  if (dladdr1(called, &found, &symbol, RTLD_DL_SYMENT) == 0) return false;
  if (found.dli_fbase == start_of_library(&detail::decided)) return true;
  return symbol != nullptr && static_cast<const ElfW(Sym)*>(symbol)->st_shndx == SHN_UNDEF;
}

}  // namespace

operators decide_operators() noexcept {
  const operators known = detail::decided.load(std::memory_order_relaxed);
  if (known != operators::undecided) return known;
  const bool are_ours = reaches_us("malloc") && reaches_us("_Znwm") && reaches_us("_ZdlPv");
  const operators now = are_ours ? operators::ours : operators::stand_aside;
  detail::decided.store(now, std::memory_order_relaxed);
  return now;
}

// Not inlined and no tail call: dlsym finds "next" by the address it returns to.
[[gnu::noinline]] void* look_up_operator(const char* name) noexcept {
  void* volatile found = dlsym(RTLD_NEXT, name);
  for (const char* library : {"libstdc++.so.6", "libc++.so.1"}) {
    if (found != nullptr) break;
    // Never closed: what is found stays.
    void* const loaded = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    if (loaded != nullptr) found = dlsym(loaded, name);
  }
  return found;
}

}  // namespace connarena::shim
