#include "shim/launcher/symbols.hpp"

#include <cxxabi.h>
#include <elf.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>

#include "shim/launcher/printable.hpp"
#include "shim/launcher/regular_file.hpp"

namespace connarena::launcher {
namespace {

// A program has one or two tables of symbols. A file that was made to keep us busy may
// name one of them in each of its 65,535 sections.
constexpr unsigned most_tables = 4;

constexpr std::size_t most_name_bytes = 1024;

std::string text_at(const std::vector<char>& bytes, std::size_t offset) {
  if (offset >= bytes.size()) return {};
  const char* const begin = bytes.data() + offset;
  return {begin, strnlen(begin, std::min(bytes.size() - offset, most_name_bytes))};
}

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

std::vector<Elf64_Shdr> sections_of(const regular_file& file) {
  const auto header = file.at<Elf64_Ehdr>(0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return {};
  const std::vector<char> bytes =
      file.part(header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr));
  std::vector<Elf64_Shdr> sections(bytes.size() / sizeof(Elf64_Shdr));
  if (!sections.empty()) {
    std::memcpy(sections.data(), bytes.data(), sections.size() * sizeof(Elf64_Shdr));
  }
  return sections;
}

}  // namespace

void symbols::add_table(const std::vector<char>& table, contents& to) {
  const auto number = static_cast<std::uint32_t>(to.names.size());
  for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= table.size(); at += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol;
    std::memcpy(&symbol, table.data() + at, sizeof symbol);
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
    to.functions.push_back(
        {symbol.st_value, symbol.st_value + symbol.st_size, symbol.st_name, number});
  }
}

symbols::contents symbols::read(const std::string& path) {
  const regular_file file(path);
  const std::vector<Elf64_Shdr> sections = sections_of(file);
  contents found;
  for (const Elf64_Shdr& each : sections) {
    if (each.sh_type != SHT_SYMTAB && each.sh_type != SHT_DYNSYM) continue;
    if (each.sh_link >= sections.size() || found.names.size() == most_tables) continue;
    const Elf64_Shdr& names = sections[each.sh_link];
    add_table(file.part(each.sh_offset, each.sh_size), found);
    found.names.push_back(file.part(names.sh_offset, names.sh_size));
  }
  std::sort(found.functions.begin(), found.functions.end(),
            [](const function& a, const function& b) { return a.begin < b.begin; });
  return found;
}

std::string symbols::name_of(const std::string& file, std::uint64_t address) {
  auto known = files_.find(file);
  if (known == files_.end()) known = files_.emplace(file, read(file)).first;
  const std::vector<function>& functions = known->second.functions;
  auto after = std::upper_bound(functions.begin(), functions.end(), address,
                                [](std::uint64_t at, const function& of) { return at < of.begin; });
  if (after == functions.begin() || address >= (--after)->end) return hexadecimal(address);
  return readable(text_at(known->second.names[after->table], after->name)) + "+" +
         hexadecimal(address - after->begin);
}

std::string symbols::place_of(const std::string& file, const std::string& label,
                              std::uint64_t address) {
  return printable(label + " " + name_of(file, address));
}

}  // namespace connarena::launcher
