// symbols.hpp - which function of a file an address lies in.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace connarena::launcher {

/// Functions of the files that were asked about. A file that is no regular one, or no
/// ELF file of this machine, has none.
class symbols {
 public:
  /// "function+0x1f" where the file tells, else "0x1234": an address as the file has it.
  [[nodiscard]] std::string name_of(const std::string& file, std::uint64_t address);
  /// "label function+0x1f", as it may be shown on a terminal.
  [[nodiscard]] std::string place_of(const std::string& file, const std::string& label,
                                     std::uint64_t address);

 private:
  struct function {
    std::uint64_t begin, end;
    std::uint32_t name;   ///< where it begins in
    std::uint32_t table;  ///< this table of names
  };
  struct contents {
    std::vector<function> functions;  ///< by their begin
    std::vector<std::vector<char>> names;
  };
  static contents read(const std::string& path);
  static void add_table(const std::vector<char>& table, contents& to);

  std::map<std::string, contents> files_;
};

}  // namespace connarena::launcher
