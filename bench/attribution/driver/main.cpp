// connarena_attribution [SHAPE...] - asks whose the blocks of servers are, and prints the
// tables; with names of shapes only the first, and of it only their rows.
//
// Started by bench/attribution/run, which installs and builds. Exit status 1 if a
// target is missed or a server failed.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "driver/memcached_clients.hpp"
#include "driver/redis_clients.hpp"
#include "driver/shape_table.hpp"

namespace attribution {
namespace {

/// False if a target is missed.
bool measure_shapes(const std::vector<std::string>& only) {
  std::vector<shape_row> rows = all_shapes();
  if (!only.empty()) {
    std::erase_if(rows, [&](const shape_row& each) {
      return std::find(only.begin(), only.end(), each.load.shape) == only.end();
    });
  }
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

int main(int count, char** words) try {
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> only(words + 1, words + count);
  const bool reached = attribution::measure_shapes(only);
  if (!only.empty()) return reached ? EXIT_SUCCESS : EXIT_FAILURE;
  std::cout << "## redis-server\n\n" << attribution::redis_table() << "\n";
  std::cout << "## memcached\n\n" << attribution::memcached_table();
  if (!reached) std::cerr << "attribution: a target is missed\n";
  return reached ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::cerr << "attribution: " << error.what() << "\n";
  return EXIT_FAILURE;
}
