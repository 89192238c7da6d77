#include "shim/beneath/next_operators.hpp"

#include <dlfcn.h>

#include "shim/beneath/own_malloc.hpp"

namespace connarena::shim {

namespace detail {
constinit std::atomic<operators> decided{operators::undecided};
}  // namespace detail

operators decide_operators() noexcept {
  const operators known = detail::decided.load(std::memory_order_relaxed);
  if (known != operators::undecided) return known;
  const bool are_ours = is_malloc_ours() && reaches_us("_Znwm") && reaches_us("_ZdlPv");
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
