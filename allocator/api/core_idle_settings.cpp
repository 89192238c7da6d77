// core_idle_settings.cpp - what the environment sets of idle memory.
#include <cstdlib>

#include "api/core.hpp"
#include "arena/helper.hpp"
#include "heap/demand.hpp"
#include "heap/retention.hpp"

namespace connarena::core {

namespace {
constinit idle_choice current{default_floor_bytes, default_keep_ns, default_helper_use};
}  // namespace

idle_choice chosen_idle() noexcept { return current; }

void set_idle(const idle_choice& chosen) noexcept {
  current = chosen;
  retention::set_floor(chosen.floor_bytes);
  demand::set_keep(chosen.keep_ns);
  set_helper_use(chosen.helper);
}

idle_choice read_idle_settings(idle_choice chosen,
                               void (*complain)(const idle_setting&, const char* value)) noexcept {
  for (const idle_setting& each : idle_settings) {
    // Not in a program that runs with more rights than its caller.
    const char* const value = ::secure_getenv(each.variable);
    if (value != nullptr && !each.read(value, chosen)) complain(each, value);
  }
  set_idle(chosen);
  return chosen;
}

}  // namespace connarena::core
