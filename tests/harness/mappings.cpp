#include "harness/mappings.hpp"

#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace harness {

std::vector<mapping> mappings() {
  std::vector<mapping> all;
  std::ifstream smaps("/proc/self/smaps");
  for (std::string line; std::getline(smaps, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " ", &begin, &end) == 2) {
      all.push_back({begin, end, {}});
    } else if (line.rfind("VmFlags:", 0) == 0 && !all.empty()) {
      all.back().flags = line.substr(8) + ' ';
    }
  }
  return all;
}

mapping mapping_of(const void* address) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  for (const mapping& each : mappings()) {
    if (each.begin <= at && at < each.end) return each;
  }
  throw std::runtime_error("no mapping around an address");
}

}  // namespace harness
