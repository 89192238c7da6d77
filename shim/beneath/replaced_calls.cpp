#include "shim/beneath/replaced_calls.hpp"

#include <dlfcn.h>

/// For a jump to it: see system_calls.cpp. Null until it is found.
extern "C" {
extern decltype(&::syscall) connarena_next_syscall;
__attribute__((visibility("hidden"), used)) constinit decltype(&::syscall) connarena_next_syscall =
    nullptr;
}

namespace connarena::shim::detail {

constinit replaced_calls found_calls{};
constinit std::atomic<bool> calls_are_found{false};

void find_calls() noexcept {
  struct entry {
    const char* name;
    void* call;
  };
#define CONNARENA_ENTRY(name) {#name, &found_calls.name},
  const entry entries[] = {CONNARENA_REPLACED_CALLS(CONNARENA_ENTRY)};
#undef CONNARENA_ENTRY
  for (const entry& each : entries) {
    void* const found = dlsym(RTLD_NEXT, each.name);
    __builtin_memcpy(each.call, &found, sizeof found);
  }
  connarena_next_syscall = found_calls.syscall;
  // release: pairs with the acquire in next
  calls_are_found.store(true, std::memory_order_release);
}

}  // namespace connarena::shim::detail
