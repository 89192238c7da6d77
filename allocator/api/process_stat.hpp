// process_stat.hpp - what the system says of a process in /proc/PID/stat. Used by both
// libraries and the launcher.
#pragma once

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace connarena {

struct process_stat {
  char state;  ///< 0: there is no such process
  pid_t parent;
  std::uint64_t start_ticks;  ///< since boot
};

/// The state follows the name, which stands in parentheses, and then the parent; the start
/// time is the 20th word after the state.
[[nodiscard]] inline process_stat parsed_stat(const char* text) noexcept {
  constexpr int words = 20;
  const char* at = std::strrchr(text, ')');
  if (at == nullptr || at[1] != ' ' || at[2] == '\0') return {};
  process_stat read{at[2], static_cast<pid_t>(std::strtol(at + 3, nullptr, 10)), 0};
  for (int i = 0; i < words && at != nullptr; ++i) at = std::strchr(at + 1, ' ');
  if (at != nullptr) read.start_ticks = std::strtoull(at, nullptr, 10);
  return read;
}

/// Of the file at a path.
[[nodiscard]] inline process_stat stat_at(const char* path) noexcept {
  char text[512] = {};
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  const ssize_t size = ::read(file, text, sizeof text - 1);
  ::close(file);
  return size > 0 ? parsed_stat(text) : process_stat{};
}

}  // namespace connarena
