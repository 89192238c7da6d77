#include "process/process_memory.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace demo {
namespace {

std::string proc_file(pid_t process, const char* name) {
  return "/proc/" + std::to_string(process) + "/" + name;
}

/// The figure, in bytes, of a line such as "Rss:   1234 kB".
std::optional<std::uint64_t> kilobyte_field(const std::string& file, const std::string& field) {
  std::ifstream stream(file);
  std::string line;
  while (std::getline(stream, line)) {
    if (line.rfind(field, 0) != 0) continue;
    std::istringstream rest(line.substr(field.size()));
    std::uint64_t kilobytes = 0;
    if (rest >> kilobytes) return kilobytes * 1024;
  }
  return std::nullopt;
}

/// What follows of /proc/PID/stat from that field on, counted from 1, of the 3rd or later:
/// the second is the program's name in brackets and may hold blanks.
std::istringstream stat_from(pid_t process, int first) {
  std::ifstream stream(proc_file(process, "stat"));
  std::string text;
  std::getline(stream, text);
  const std::size_t end_of_name = text.rfind(')');
  std::istringstream fields(end_of_name == std::string::npos ? "" : text.substr(end_of_name + 1));
  std::string skipped;
  for (int field = 3; field < first; ++field) fields >> skipped;
  return fields;
}

}  // namespace

std::optional<std::uint64_t> resident_bytes(pid_t process) {
  return kilobyte_field(proc_file(process, "smaps_rollup"), "Rss:");
}

std::optional<std::uint64_t> peak_resident_bytes(pid_t process) {
  return kilobyte_field(proc_file(process, "status"), "VmHWM:");
}

std::optional<std::uint64_t> resident_bytes_cheap(pid_t process) {
  static const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::ifstream stream(proc_file(process, "statm"));
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  if (!(stream >> total_pages >> resident_pages)) return std::nullopt;
  return resident_pages * page_bytes;
}

std::optional<double> cpu_seconds(pid_t process) {
  static const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  constexpr int user_time = 14;
  std::istringstream fields = stat_from(process, user_time);
  double user_ticks = 0;
  double system_ticks = 0;
  if (!(fields >> user_ticks >> system_ticks)) return std::nullopt;
  return (user_ticks + system_ticks) / ticks_per_second;
}

std::optional<std::uint64_t> page_faults(pid_t process) {
  constexpr int minor_faults = 10;
  std::uint64_t faults = 0;
  if (!(stat_from(process, minor_faults) >> faults)) return std::nullopt;
  return faults;
}

}  // namespace demo
