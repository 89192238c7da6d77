#include "shim/launcher/stats_command.hpp"

#include <iostream>
#include <memory>

#include "shim/launcher/address_book.hpp"
#include "shim/launcher/connection_table.hpp"
#include "shim/launcher/live_json.hpp"
#include "shim/launcher/live_metrics.hpp"
#include "shim/launcher/live_prometheus.hpp"
#include "shim/launcher/live_segments.hpp"
#include "shim/launcher/live_text.hpp"
#include "shim/launcher/refusal.hpp"

namespace connarena::launcher {
namespace {

constexpr std::size_t few = 10;

}  // namespace

stats_command::stats_command(CLI::App& app)
    : command_(app.add_subcommand("stats", "Live figures of a program that runs under `run`")) {
  command_->footer(
      "Without a PID it lists what runs. Exit code: 0; 125 if there is no such process,\n"
      "or it may not be looked at.");
  command_->add_flag("--json", as_json_, "As JSON, see docs/live.md");
  command_->add_flag("--prometheus", as_prometheus_, "In Prometheus's text format");
  connections_given_ = command_
                           ->add_option("--connections", connections_,
                                        "Of so many, the largest first (10; JSON: all)")
                           ->type_name("N");
  pid_given_ = command_->add_option("pid", pid_, "The process")->type_name("PID");
}

std::size_t stats_command::most_connections(std::size_t by_default) const {
  return connections_given_->count() != 0 ? connections_ : by_default;
}

int stats_command::show_all() const {
  std::vector<live_process> found =
      all_live_processes(as_prometheus_ ? extent::connections : extent::totals);
  if (as_json_) {
    std::cout << json_of(found);
  } else if (as_prometheus_) {
    address_book().look_up(found, most_connections(few));
    std::cout << prometheus_text(metrics_of(found, most_connections(few)));
  } else {
    std::cout << processes_text(found);
  }
  return 0;
}

int stats_command::run() const {
  if (as_json_ && as_prometheus_) return refuse("stats: --json excludes --prometheus");
  if (pid_given_->count() == 0) return show_all();
  std::string error;
  const std::unique_ptr<live_segment> segment = find_segment(pid_, error);
  if (segment == nullptr) return refuse(error);
  std::optional<live_process> process = segment->read();
  if (!process) return refuse("there is no process " + pid_);
  address_book().look_up(*process, most_connections(as_json_ ? all_connections : few));
  if (as_json_) {
    std::cout << json_of(*process, most_connections(all_connections));
  } else if (as_prometheus_) {
    std::cout << prometheus_text(metrics_of({*process}, most_connections(few)));
  } else {
    std::cout << totals_text(*process) << table_text(*process, {}, most_connections(few));
  }
  return 0;
}

}  // namespace connarena::launcher
