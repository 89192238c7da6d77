#include "shim/launcher/export_command.hpp"

#include <arpa/inet.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <memory>
#include <optional>

#include "shim/launcher/address_book.hpp"
#include "shim/launcher/exporter.hpp"
#include "shim/launcher/live_metrics.hpp"
#include "shim/launcher/live_segments.hpp"
#include "shim/launcher/refusal.hpp"
#include "shim/launcher/service.hpp"

namespace connarena::launcher {
namespace {

bool is_port(const std::string& text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  return std::from_chars(text.data(), end, port) == std::from_chars_result{end, std::errc{}};
}

/// "127.0.0.1" or "[::1]".
bool is_host(const std::string& text) {
  in6_addr address{};
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    return inet_pton(AF_INET6, text.substr(1, text.size() - 2).c_str(), &address) == 1;
  }
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

/// As CLI11 wants it: empty, or what is wrong.
std::string check_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos && is_host(text.substr(0, colon)) &&
      is_port(text.substr(colon + 1))) {
    return {};
  }
  return text + " is no address to listen on: it takes 127.0.0.1:PORT or [::1]:PORT";
}

/// The services of some processes; of none: all that runs.
std::vector<live_process> services_of(const std::vector<pid_t>& some) {
  std::vector<live_process> all = all_live_processes(extent::connections);
  if (some.empty()) return all;
  std::vector<live_process> chosen;
  for (const pid_t each : some) {
    for (live_process& member : service_of(each, all)) {
      const auto is_it = [&](const live_process& other) { return other.pid == member.pid; };
      if (std::none_of(chosen.begin(), chosen.end(), is_it)) chosen.push_back(std::move(member));
    }
  }
  return chosen;
}

/// Ends at SIGINT or SIGTERM, or when none of the processes has live figures any more.
void wait_for_end(const sigset_t& signals, const std::vector<pid_t>& watched) {
  constexpr timespec second{1, 0};
  while (sigtimedwait(&signals, nullptr, &second) < 0) {
    std::string ignored;
    const bool is_over = std::none_of(watched.begin(), watched.end(), [&](pid_t each) {
      return find_segment(std::to_string(each), ignored) != nullptr;
    });
    if (!watched.empty() && is_over) return;
  }
}

}  // namespace

export_command::export_command(CLI::App& app)
    : command_(app.add_subcommand("export", "Serve live figures to a Prometheus")) {
  command_->footer(
      "A PID stands for its service: with it the processes that it started of its\n"
      "program. Without one all that runs is exported. It ends by SIGINT or SIGTERM, or\n"
      "when those processes have ended. Exit code: 0; 125 if it cannot begin.");
  command_->add_option("--listen", address_, "Where: http://ADDRESS/metrics")
      ->type_name("ADDRESS:PORT")
      ->required()
      ->check(CLI::Validator(check_address, ""));
  command_->add_option("--connections", connections_, "Of so many, the largest (10)")
      ->type_name("N");
  command_->add_option("pid", pids_, "Processes")->type_name("PID...");
}

int export_command::run() const {
  std::vector<pid_t> watched;
  for (const std::string& pid : pids_) {
    std::string error;
    if (find_segment(pid, error) == nullptr) return refuse(error);
    watched.push_back(std::stoi(pid));
  }
  // Threads that serve are to leave signals to this one.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, each);
  sigprocmask(SIG_BLOCK, &signals, nullptr);

  address_book addresses;
  std::string error;
  const auto now = [&] {
    std::vector<live_process> seen = services_of(watched);
    addresses.look_up(seen, connections_);
    return metrics_of(seen, connections_);
  };
  const std::unique_ptr<exporter> serving = start_exporter(address_, now, error);
  if (serving == nullptr) return refuse(error);
  std::cout << "http://" << address_.substr(0, address_.rfind(':') + 1) << serving->port()
            << "/metrics" << std::endl;
  wait_for_end(signals, watched);
  return 0;
}

}  // namespace connarena::launcher
