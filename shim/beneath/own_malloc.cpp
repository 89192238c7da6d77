#include "shim/beneath/own_malloc.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

namespace connarena::shim {

namespace detail {
constinit std::atomic<malloc_of> whose_malloc{malloc_of::nobody_asked};
}  // namespace detail

namespace {

const char* start_of_library(const void* address) noexcept {
  Dl_info found{};
  return dladdr(address, &found) != 0 ? static_cast<const char*>(found.dli_fbase) : nullptr;
}

}  // namespace

/// A program that is not position-independent may have an entry of its own for a name it
/// does not define.
bool reaches_us(const char* name) noexcept {
  const void* const called = dlsym(RTLD_DEFAULT, name);
  if (called == nullptr) return true;
  Dl_info found{};
  void* symbol = nullptr;
  if (dladdr1(called, &found, &symbol, RTLD_DL_SYMENT) == 0) return false;
  if (found.dli_fbase == start_of_library(&detail::whose_malloc)) return true;
  return symbol != nullptr && static_cast<const ElfW(Sym)*>(symbol)->st_shndx == SHN_UNDEF;
}

bool detail::decide_whose_malloc() noexcept {
  const bool are_ours =
      reaches_us("malloc") && reaches_us("free") && reaches_us("calloc") && reaches_us("realloc");
  whose_malloc.store(are_ours ? malloc_of::this_library : malloc_of::the_program,
                     std::memory_order_relaxed);
  return are_ours;
}

}  // namespace connarena::shim
