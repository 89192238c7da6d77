// misuse_program NAME - commits one fault. Exit codes: 10 the fault went
// unnoticed, 11 no such case.
#include <sys/resource.h>

#include <cstdio>

#include "misuse/misuse_case.hpp"

namespace misuse {

void announce(const void* address) {
  std::printf("%p\n", address);
  std::fflush(stdout);
}

namespace {

constexpr int went_unnoticed = 10;
constexpr int no_such_case = 11;

int run(std::string_view name) {
  for (const auto cases : {cases_of_c_api(), cases_of_arena()}) {
    for (const misuse_case& each : cases) {
      if (each.name != name) continue;
      each.commit();
      return went_unnoticed;
    }
  }
  return no_such_case;
}

}  // namespace
}  // namespace misuse

int main(int count, char** arguments) {
  constexpr rlimit no_core_file{0, 0};
  setrlimit(RLIMIT_CORE, &no_core_file);
  return count == 2 ? misuse::run(arguments[1]) : misuse::no_such_case;
}
