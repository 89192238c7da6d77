// demo.cpp - real programs under each allocator: measure, then show.
//
// Started by bench/demo, which installs and builds. Exit status 1 if any trial
// failed: a wrong byte, a crash, a wait that took too long.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "net/sockets.hpp"
#include "options.hpp"
#include "process/failure.hpp"
#include "report/gains.hpp"
#include "report/machine.hpp"
#include "report/pictures.hpp"
#include "report/raw_data.hpp"
#include "report/saved_results.hpp"
#include "report/table.hpp"
#include "schedule.hpp"

namespace demo {
namespace {

// For redis-server, the most: its clients, ours, and those of idle trials.
constexpr unsigned long descriptors_needed = 4096;

std::vector<std::string> relevant_packages(const options& wanted) {
  std::vector<std::string> packages = {"libc6", "librdkafka1"};
  for (const program& each : wanted.programs) {
    if (!each.package.empty()) packages.push_back(each.package);
  }
  for (const allocator_choice& each : wanted.allocators) {
    if (!each.package.empty()) packages.push_back(each.package);
  }
  return packages;
}

std::vector<std::string> allocator_names(const options& wanted) {
  std::vector<std::string> names;
  for (const allocator_choice& each : wanted.allocators) names.push_back(each.name);
  return names;
}

std::vector<std::string> program_names(const options& wanted) {
  std::vector<std::string> names;
  for (const program& each : wanted.programs) names.push_back(each.name);
  return names;
}

/// What `raw` has of an earlier run, if that is to be continued.
results measured_before(const options& wanted, const std::filesystem::path& raw) {
  if (!wanted.is_continuing || !std::filesystem::exists(raw)) return {};
  for (const allocator_choice& each : wanted.allocators) {
    if (each.library.empty()) continue;
    if (std::filesystem::last_write_time(each.library) > std::filesystem::last_write_time(raw)) {
      throw failure(each.library + " is newer than " + raw.string() +
                    ", so one run cannot continue the other");
    }
  }
  return read_raw_data(raw);
}

void show(const results& all, const options& wanted, const machine& measured_on,
          const std::filesystem::path& folder) {
  const std::vector<std::string> names = allocator_names(wanted);
  const std::string text = make_table(all, wanted.programs, names, table_style::text) + "\n" +
                           make_findings(all, wanted.programs, names, table_style::text);
  const std::string table = make_table(all, wanted.programs, names, table_style::markdown);
  const std::string findings = make_findings(all, wanted.programs, names, table_style::markdown);
  std::ofstream(folder / "table.txt") << text;
  std::ofstream(folder / "table.md") << table << "\n" << findings;
  std::cout << "\nResident memory in MiB; +1 s and +15 s after the connections closed\n\n" << text;

  for (const program& each : wanted.programs) {
    static_cast<void>(draw_picture(all, each, wanted.allocators, folder));
  }
  std::cout << "\nTable, pictures and raw data: " << folder.string() << "\n";
  const std::string telling = most_telling(gains_of(all, program_names(wanted), names));
  if (!telling.empty()) {
    std::cout << "Open " << (folder / (telling + ".png")).string()
              << ": resident memory under each allocator\n";
  }
  if (wanted.is_saving) {
    save_results(wanted.source_tree, folder, wanted.programs, measured_on, table, findings);
    std::cout << "Saved: docs/results.md and docs/results/\n";
  }
}

bool is_all_well(const results& all) {
  for (const trial_result& each : all.trials) {
    if (!each.failure.empty()) return false;
  }
  return all.failures.empty();
}

}  // namespace
}  // namespace demo

int main(int count, char** arguments) try {
  const demo::options wanted = demo::read_options(count, arguments);
  std::signal(SIGPIPE, SIG_IGN);
  demo::need_descriptors(demo::descriptors_needed);
  const std::filesystem::path folder = wanted.source_tree / "build" / "bench";
  const std::filesystem::path raw = folder / "raw.json";
  std::filesystem::create_directories(folder);
  const demo::machine measured_on = demo::describe_machine(demo::relevant_packages(wanted));
  const demo::results all = demo::run_all(
      wanted, demo::measured_before(wanted, raw),
      [&](const demo::results& so_far) { demo::write_raw_data(so_far, measured_on, raw); });
  demo::show(all, wanted, measured_on, folder);
  return demo::is_all_well(all) ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::cerr << "demo: " << error.what() << "\n";
  return EXIT_FAILURE;
}
