#include "shim/report/process_state.hpp"

#include <ctime>
#include <unistd.h>

#include "api/process_stat.hpp"
#include "shim/settings/text.hpp"

namespace connarena::shim::report {
namespace {

constexpr std::uint64_t ns_a_second = 1000000000;

process_stat stat_of(pid_t pid) noexcept {
  text<40> path;
  path.add("/proc/").add_number(static_cast<std::uint64_t>(pid)).add("/stat");
  return stat_at(path.c_str());
}

}  // namespace

process_name process_of(pid_t pid) noexcept { return {pid, stat_of(pid).start_ticks}; }
pid_t parent_of(pid_t pid) noexcept { return stat_of(pid).parent; }

std::int64_t since_boot_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * static_cast<std::int64_t>(ns_a_second) + now.tv_nsec;
}

bool is_running(pid_t pid, std::int64_t seen_ns) noexcept {
  if (pid <= 0) return false;
  const process_stat found = stat_of(pid);
  // One that waits for its parent to ask how it ended has ended.
  if (found.state == 0 || found.state == 'Z' || found.state == 'X') return false;
  const auto ticks_a_second = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  return found.start_ticks <= static_cast<std::uint64_t>(seen_ns) / (ns_a_second / ticks_a_second);
}

}  // namespace connarena::shim::report
