// hardening_program NAME - walks one way between two arenas, or touches a page beside a
// run. Exit codes: what was found, 0 after a touch, 10 no such case.
#include <sys/resource.h>

#include <csignal>

#include "hardening/guards.hpp"
#include "hardening/links.hpp"
#include "hardening/ways.hpp"

namespace {

constexpr int no_such_case = 10;

int run(std::string_view name) {
  for (const auto& ways :
       {hardening::ways(), hardening::readable_links(), hardening::forged_links()}) {
    for (const hardening::way& each : ways) {
      if (each.name == name) return static_cast<int>(each.walk());
    }
  }
  for (const hardening::guard_case& each : hardening::guard_cases()) {
    if (each.name != name) continue;
    each.touch();
    return 0;
  }
  return no_such_case;
}

}  // namespace

/// LeakSanitizer asks: a setuid program may not be traced, and so not be searched.
extern "C" int __lsan_is_turned_off() { return 1; }

int main(int count, char** arguments) {
  constexpr rlimit no_core_file{0, 0};
  setrlimit(RLIMIT_CORE, &no_core_file);
  std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would report it
  return count == 2 ? run(arguments[1]) : no_such_case;
}
