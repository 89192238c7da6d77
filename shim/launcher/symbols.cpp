#include "shim/launcher/symbols.hpp"

#include <cxxabi.h>
#include <elf.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

namespace connarena::launcher {
namespace {

/// The bytes of a file; what lies beyond its end reads as nothing.
class image {
 public:
  explicit image(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
  }
  template <typename Value>
  [[nodiscard]] Value at(std::uint64_t offset) const {
    Value value{};
    if (offset <= bytes_.size() && sizeof value <= bytes_.size() - offset) {
      std::memcpy(&value, bytes_.data() + offset, sizeof value);
    }
    return value;
  }
  [[nodiscard]] std::string text_at(std::uint64_t offset) const {
    if (offset >= bytes_.size()) return {};
    const char* const begin = bytes_.data() + offset;
    return {begin, strnlen(begin, bytes_.size() - offset)};
  }

 private:
  std::vector<char> bytes_;
};

std::string readable(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? std::string(plain.get()) : name;
}

std::string hexadecimal(std::uint64_t value) {
  std::ostringstream text;
  text << "0x" << std::hex << value;
  return text.str();
}

}  // namespace

std::vector<symbols::function> symbols::read(const std::string& file) {
  const image bytes(file);
  const auto header = bytes.at<Elf64_Ehdr>(0);
  std::vector<function> found;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return found;
  const auto section = [&](std::uint64_t number) {
    return bytes.at<Elf64_Shdr>(header.e_shoff + number * sizeof(Elf64_Shdr));
  };
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr table = section(i);
    if (table.sh_type != SHT_SYMTAB && table.sh_type != SHT_DYNSYM) continue;
    const Elf64_Shdr names = section(table.sh_link);
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= table.sh_size; at += sizeof(Elf64_Sym)) {
      const auto symbol = bytes.at<Elf64_Sym>(table.sh_offset + at);
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
      found.push_back({symbol.st_value, symbol.st_value + symbol.st_size,
                       bytes.text_at(names.sh_offset + symbol.st_name)});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const function& a, const function& b) { return a.begin < b.begin; });
  return found;
}

std::string symbols::name_of(const std::string& file, std::uint64_t address) {
  auto known = files_.find(file);
  if (known == files_.end()) known = files_.emplace(file, read(file)).first;
  const std::vector<function>& functions = known->second;
  auto after = std::upper_bound(functions.begin(), functions.end(), address,
                                [](std::uint64_t at, const function& of) { return at < of.begin; });
  if (after == functions.begin() || address >= (--after)->end) return hexadecimal(address);
  return readable(after->name) + "+" + hexadecimal(address - after->begin);
}

}  // namespace connarena::launcher
