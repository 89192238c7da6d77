#include "works/process_memory.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "works/contender.hpp"

namespace micro {
namespace {

using file_text = std::array<char, 4096>;

[[nodiscard]] bool read_file(const char* path, file_text& text) noexcept {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const ssize_t length = read(file, text.data(), text.size() - 1);
  close(file);
  if (length <= 0) return false;
  text[static_cast<std::size_t>(length)] = '\0';
  return true;
}

/// A line "key:   123 kB" of a file in /proc, in bytes.
std::size_t bytes_at(const char* path, const char* key) noexcept {
  file_text text;
  if (!read_file(path, text)) return 0;
  const char* line = std::strstr(text.data(), key);
  return line == nullptr ? 0 : std::strtoull(line + std::strlen(key), nullptr, 10) * 1024;
}

}  // namespace

std::size_t resident_bytes() noexcept { return bytes_at("/proc/self/smaps_rollup", "\nRss:"); }

std::size_t resident_bytes_roughly() noexcept {
  file_text text;
  if (!read_file("/proc/self/statm", text)) return 0;
  const char* second = std::strchr(text.data(), ' ');
  return second == nullptr ? 0 : std::strtoull(second, nullptr, 10) * page_bytes;
}

std::size_t available_bytes() noexcept { return bytes_at("/proc/meminfo", "\nMemAvailable:"); }

std::size_t page_faults() noexcept {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_minflt);
}

}  // namespace micro
