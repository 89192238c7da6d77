// symbols.hpp - which function of a file an address lies in.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace connarena::launcher {

/// Functions of the files that were asked about. A file that is no ELF file of this
/// machine has none.
class symbols {
 public:
  /// "function+0x1f" where the file tells, else "0x1234": an address as the file has it.
  [[nodiscard]] std::string name_of(const std::string& file, std::uint64_t address);

 private:
  struct function {
    std::uint64_t begin, end;
    std::string name;
  };
  static std::vector<function> read(const std::string& file);

  std::map<std::string, std::vector<function>> files_;
};

}  // namespace connarena::launcher
