// mappings.hpp - the mappings of this process, as the kernel describes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace harness {

struct mapping {
  std::uintptr_t begin;
  std::uintptr_t end;
  std::string flags;  ///< two letters each: see VmFlags in proc(5)

  [[nodiscard]] std::size_t bytes() const { return end - begin; }
  [[nodiscard]] bool has(const std::string& flag) const {
    return flags.find(' ' + flag + ' ') != std::string::npos;
  }
};

[[nodiscard]] std::vector<mapping> mappings();
/// The mapping around an address, which has one.
[[nodiscard]] mapping mapping_of(const void* address);

}  // namespace harness
