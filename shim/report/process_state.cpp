#include "shim/report/process_state.hpp"

#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>

#include "shim/settings/text.hpp"

namespace connarena::shim::report {
namespace {

constexpr std::uint64_t ns_a_second = 1000000000;

struct proc_stat {
  char state;  ///< 0: there is no such process
  pid_t parent;
  std::uint64_t start_ticks;
};

/// The state follows the name, which stands in parentheses, and then the parent; the start
/// time is the 20th word after the state.
proc_stat parsed(const char* stat) noexcept {
  constexpr int words = 20;
  const char* at = std::strrchr(stat, ')');
  if (at == nullptr || at[1] != ' ' || at[2] == '\0') return {};
  proc_stat read{at[2], std::atoi(at + 3), 0};
  for (int i = 0; i < words && at != nullptr; ++i) at = std::strchr(at + 1, ' ');
  if (at != nullptr) read.start_ticks = std::strtoull(at, nullptr, 10);
  return read;
}

proc_stat stat_of(pid_t pid) noexcept {
  text<40> path;
  path.add("/proc/").add_number(static_cast<std::uint64_t>(pid)).add("/stat");
  char stat[512] = {};
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  const ssize_t size = ::read(file, stat, sizeof stat - 1);
  ::close(file);
  return size > 0 ? parsed(stat) : proc_stat{};
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
  const proc_stat found = stat_of(pid);
  // One that waits for its parent to ask how it ended has ended.
  if (found.state == 0 || found.state == 'Z' || found.state == 'X') return false;
  const auto ticks_a_second = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  return found.start_ticks <= static_cast<std::uint64_t>(seen_ns) / (ns_a_second / ticks_a_second);
}

}  // namespace connarena::shim::report
