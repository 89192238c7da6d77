#include "shim/report/process_state.hpp"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "shim/settings/text.hpp"

namespace connarena::shim::report {
namespace {

/// The start time is the 20th word after the name, which stands in parentheses.
std::uint64_t start_ticks_in(const char* stat) noexcept {
  constexpr int words = 20;
  const char* at = std::strrchr(stat, ')');
  for (int i = 0; i < words && at != nullptr; ++i) at = std::strchr(at + 1, ' ');
  return at != nullptr ? std::strtoull(at, nullptr, 10) : 0;
}

}  // namespace

process_name process_of(pid_t pid) noexcept {
  text<40> path;
  path.add("/proc/").add_number(static_cast<std::uint64_t>(pid)).add("/stat");
  char stat[512] = {};
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {pid, 0};
  const ssize_t size = ::read(file, stat, sizeof stat - 1);
  ::close(file);
  return {pid, size > 0 ? start_ticks_in(stat) : 0};
}

bool is_running(const process_name& process) noexcept {
  return process.start_ticks != 0 && process_of(process.pid).start_ticks == process.start_ticks;
}

}  // namespace connarena::shim::report
