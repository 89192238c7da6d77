// connarena_attribution - asks whose the blocks of servers are, and prints the tables.
//
// Started by bench/attribution/run, which installs and builds. Exit status 1 if a
// target is missed or a server failed.
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "driver/memcached_clients.hpp"
#include "driver/redis_clients.hpp"
#include "driver/shape_table.hpp"

namespace attribution {
namespace {

/// False if a target is missed.
bool measure_shapes() {
  std::vector<shape_row> rows = all_shapes();
  bool reached = true;
  for (shape_row& each : rows) {
    std::cerr << each.title << "\n";
    each.with_runs = run_shape(each.load);
    if (!each.with_runs.refusal.empty()) continue;
    shape_load small = each.load;
    small.counts_small = true;
    each.with_small = run_shape(small);
    reached = reached && reaches(each);
  }
  std::cout << "## Test servers\n\n" << shape_table(rows) << "\n";
  return reached;
}

}  // namespace
}  // namespace attribution

int main() try {
  std::signal(SIGPIPE, SIG_IGN);
  const bool reached = attribution::measure_shapes();
  std::cout << "## redis-server\n\n" << attribution::redis_table() << "\n";
  std::cout << "## memcached\n\n" << attribution::memcached_table();
  if (!reached) std::cerr << "attribution: a target is missed\n";
  return reached ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::cerr << "attribution: " << error.what() << "\n";
  return EXIT_FAILURE;
}
