#include "shim/beneath/defined_names.hpp"

#include <cstdint>
#include <cstring>
#include <elf.h>
#include <link.h>

namespace connarena::shim {
namespace {

/// The tables of a library by which names are looked up, as its dynamic section has them.
struct name_tables {
  const std::uint32_t* hash = nullptr;  ///< of the GNU kind: all that glibc's linkers make
  const ElfW(Sym) * symbols = nullptr;
  const char* names = nullptr;
  const ElfW(Half) * versions = nullptr;
};

/// The loader has added the library's address to most entries; not to those of the vDSO.
template <typename Table>
void set(const Table*& table, ElfW(Addr) library, ElfW(Addr) entry) noexcept {
  table = reinterpret_cast<const Table*>(entry < library ? library + entry : entry);
}

name_tables tables_of(const dl_phdr_info& library) noexcept {
  name_tables found;
  for (int i = 0; i < library.dlpi_phnum; ++i) {
    if (library.dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const auto* entry =
        reinterpret_cast<const ElfW(Dyn)*>(library.dlpi_addr + library.dlpi_phdr[i].p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      const ElfW(Addr) at = entry->d_un.d_ptr;
      if (entry->d_tag == DT_GNU_HASH) set(found.hash, library.dlpi_addr, at);
      if (entry->d_tag == DT_SYMTAB) set(found.symbols, library.dlpi_addr, at);
      if (entry->d_tag == DT_STRTAB) set(found.names, library.dlpi_addr, at);
      if (entry->d_tag == DT_VERSYM) set(found.versions, library.dlpi_addr, at);
    }
  }
  return found;
}

std::uint32_t hash_of(const char* name) noexcept {
  std::uint32_t hash = 5381;
  for (; *name != '\0'; ++name) hash = hash * 33 + static_cast<unsigned char>(*name);
  return hash;
}

/// A version that is hidden is for those who name it.
bool is_definition(const name_tables& in, std::uint32_t symbol, const char* name) noexcept {
  constexpr unsigned hidden = 0x8000;
  const ElfW(Sym)& entry = in.symbols[symbol];
  return entry.st_shndx != SHN_UNDEF && std::strcmp(in.names + entry.st_name, name) == 0 &&
         (in.versions == nullptr || (in.versions[symbol] & hidden) == 0);
}

/// The table: four words of sizes, a filter, buckets, and a chain of hashes whose last has
/// its lowest bit set.
bool defines(const name_tables& in, const char* name) noexcept {
  if (in.hash == nullptr || in.symbols == nullptr || in.names == nullptr) return false;
  const std::uint32_t bucket_count = in.hash[0];
  const std::uint32_t first_symbol = in.hash[1];
  const std::size_t filter_words = in.hash[2] * sizeof(ElfW(Addr)) / sizeof(std::uint32_t);
  if (bucket_count == 0) return false;
  const std::uint32_t* const buckets = in.hash + 4 + filter_words;
  const std::uint32_t* const chain = buckets + bucket_count;
  const std::uint32_t hash = hash_of(name);
  std::uint32_t symbol = buckets[hash % bucket_count];
  if (symbol < first_symbol) return false;
  for (;; ++symbol) {
    const std::uint32_t here = chain[symbol - first_symbol];
    if ((here | 1) == (hash | 1) && is_definition(in, symbol, name)) return true;
    if ((here & 1) != 0) return false;
  }
}

struct search {
  const char* name;
  bool is_past_us = false;
};

bool is_this_library(const dl_phdr_info& library) noexcept {
  const auto here = reinterpret_cast<ElfW(Addr)>(&is_this_library);
  for (int i = 0; i < library.dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = library.dlpi_phdr[i];
    const ElfW(Addr) start = library.dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD && here >= start && here < start + part.p_memsz) return true;
  }
  return false;
}

int look_in(dl_phdr_info* library, std::size_t, void* context) noexcept {
  search& looking = *static_cast<search*>(context);
  if (looking.is_past_us) return defines(tables_of(*library), looking.name) ? 1 : 0;
  looking.is_past_us = is_this_library(*library);
  return 0;
}

}  // namespace

bool is_defined_after_us(const char* name) noexcept {
  search looking{name};
  return dl_iterate_phdr(look_in, &looking) != 0;
}

}  // namespace connarena::shim
