#include "shim/beneath/loader.hpp"

#include <link.h>
#include <sys/auxv.h>

#include <algorithm>

namespace connarena::shim::detail {

constinit loader_place loader;

void find_loader() noexcept {
  const std::uintptr_t begin = ::getauxval(AT_BASE);
  if (begin == 0) return;
  const auto* const header = reinterpret_cast<const ElfW(Ehdr)*>(begin);
  const auto* const segments = reinterpret_cast<const ElfW(Phdr)*>(begin + header->e_phoff);
  std::uintptr_t bytes = 0;
  for (int i = 0; i < header->e_phnum; ++i) {
    if (segments[i].p_type != PT_LOAD) continue;
    bytes = std::max<std::uintptr_t>(bytes, segments[i].p_vaddr + segments[i].p_memsz);
  }
  loader.begin.store(begin, std::memory_order_relaxed);
  loader.bytes.store(bytes, std::memory_order_relaxed);
}

}  // namespace connarena::shim::detail
