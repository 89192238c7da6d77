// wrapper_program list - prints the functions that have a case, one a line.
// wrapper_program case FUNCTION - runs one. Under the preload library.
// wrapper_program end _exit|_Exit - ends so.
//
// Exit codes: 0 the case holds, 1 it does not, 20 not preloaded, 21 no such case.
#include <cstdio>
#include <string_view>

#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

namespace {

constexpr int not_preloaded = 20;
constexpr int no_such_case = 21;

template <typename Visit>
void for_each_case(Visit visit) {
  using namespace wrappers;
  for (const case_list list :
       {memory_cases(), operator_cases(), jemalloc_cases(), socket_cases(), transfer_cases(),
        wait_cases(), pause_cases(), waking_cases(), jump_cases(), close_cases(), opening_cases(),
        signal_cases(), process_cases()}) {
    for (const wrapper_case& each : list) visit(each);
  }
}

int run(std::string_view name) {
  if (connarena_of_fd == nullptr) return not_preloaded;
  int result = no_such_case;
  for_each_case([&](const wrappers::wrapper_case& each) {
    if (each.name == name) result = each.holds() ? 0 : 1;
  });
  return result;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view order = count > 1 ? words[1] : "";
  const std::string_view name = count > 2 ? words[2] : "";
  if (order == "list") {
    for_each_case([](const wrappers::wrapper_case& each) { std::puts(each.name); });
    return 0;
  }
  if (order == "end" && name == "_exit") _exit(0);
  if (order == "end" && name == "_Exit") _Exit(0);
  return order == "case" ? run(name) : no_such_case;
}
