#include "harness/resident_memory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace harness {
namespace {

// Of the machine, as pagemap counts.
constexpr std::size_t least_page_bytes = 4 * kib;
constexpr std::uint64_t is_present = std::uint64_t{1} << 63;

std::size_t pages_in(int pagemap, std::uint64_t begin, std::uint64_t end, std::uint64_t page) {
  const std::uint64_t first = begin / page * page;
  std::vector<std::uint64_t> entries((end - first) / least_page_bytes);
  const auto bytes = static_cast<ssize_t>(entries.size() * sizeof entries[0]);
  const auto from = static_cast<off_t>(first / least_page_bytes * sizeof entries[0]);
  if (::pread(pagemap, entries.data(), static_cast<std::size_t>(bytes), from) != bytes) return 0;
  std::size_t pages = 0;
  const std::size_t step = page / least_page_bytes;
  for (std::size_t at = 0; at < entries.size(); at += step) {
    const auto here = entries.begin() + static_cast<std::ptrdiff_t>(at);
    const auto there =
        entries.begin() + static_cast<std::ptrdiff_t>(std::min(at + step, entries.size()));
    pages += std::any_of(here, there, [](auto entry) { return (entry & is_present) != 0; });
  }
  return pages;
}

/// What this process would occupy with such pages: all of each that it has touched.
std::size_t resident_in_pages_of(std::size_t page_bytes) {
  const int pagemap = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  std::FILE* const maps = std::fopen("/proc/self/maps", "r");
  if (maps == nullptr || pagemap < 0) throw std::runtime_error("no pagemap");
  std::size_t pages = 0;
  char line[512];
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  char access = 0;
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    const bool is_read = std::sscanf(line, "%lx-%lx %c", &begin, &end, &access) == 3;
    if (is_read && access == 'r') pages += pages_in(pagemap, begin, end, page_bytes);
  }
  std::fclose(maps);
  ::close(pagemap);
  return pages * page_bytes;
}

}  // namespace

std::size_t resident_bytes(pid_t pid) {
  const auto page_bytes = static_cast<std::size_t>(::getpagesize());
  if (pid == 0 && page_bytes != least_page_bytes) return resident_in_pages_of(page_bytes);
  // smaps_rollup walks the page tables; statm may lag by up to 64 pages a thread.
  const std::string who = pid == 0 ? "self" : std::to_string(pid);
  std::FILE* file = std::fopen(("/proc/" + who + "/smaps_rollup").c_str(), "r");
  if (file == nullptr) throw std::runtime_error("no smaps_rollup of " + who);
  char line[256];
  std::size_t resident_kib = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::sscanf(line, "Rss: %zu kB", &resident_kib) == 1) break;
  }
  std::fclose(file);
  return resident_kib * kib;
}

}  // namespace harness
