#include "shim/launcher/address_book.hpp"

#include <algorithm>
#include <utility>

namespace connarena::launcher {
namespace {

using rows_by_process = std::map<pid_t, std::vector<live_connection*>>;

/// Those that are added up come from several processes.
void add_first(live_process& of, std::size_t most, rows_by_process& to) {
  const std::size_t count = std::min(most, of.connections.size());
  for (std::size_t i = 0; i < count; ++i) {
    to[of.connections[i].process].push_back(&of.connections[i]);
  }
}

}  // namespace

void address_book::look_up(rows_by_process by_process) {
  std::erase_if(known_, [&](const auto& each) { return by_process.count(each.first) == 0; });
  for (auto& [process, rows] : by_process) {
    std::vector<live_connection> together;
    for (live_connection* each : rows) together.push_back(std::move(*each));
    known_.try_emplace(process, process).first->second.look_up(together);
    for (std::size_t i = 0; i < rows.size(); ++i) *rows[i] = std::move(together[i]);
  }
}

void address_book::look_up(std::vector<live_process>& of, std::size_t most) {
  rows_by_process by_process;
  for (live_process& each : of) add_first(each, most, by_process);
  look_up(std::move(by_process));
}

void address_book::look_up(live_process& of, std::size_t most) {
  rows_by_process by_process;
  add_first(of, most, by_process);
  look_up(std::move(by_process));
}

}  // namespace connarena::launcher
