#include "harness/resident_memory.hpp"

#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace harness {

std::size_t resident_bytes(pid_t pid) {
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
