#include "shim/launcher/watched.hpp"

#include <string>
#include <utility>

#include "shim/launcher/service.hpp"

namespace connarena::launcher {
namespace {

std::optional<live_process> service(pid_t process) {
  std::vector<live_process> members = service_of(process, all_live_processes(extent::connections));
  if (members.empty()) return {};
  return added_up(std::move(members));
}

}  // namespace

std::optional<live_process> watched::alone(pid_t process) {
  if (segment_ == nullptr || process_ != process) {
    std::string ignored;
    segment_ = find_segment(std::to_string(process), ignored);
    process_ = process;
  }
  return segment_ != nullptr ? segment_->read() : std::nullopt;
}

std::optional<live_process> watched::look(pid_t process, bool is_together,
                                          std::size_t most_addresses) {
  std::optional<live_process> seen = is_together ? service(process) : alone(process);
  if (seen) addresses_.look_up(*seen, most_addresses);
  return seen;
}

}  // namespace connarena::launcher
