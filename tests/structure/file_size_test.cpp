// The libraries' files carry code and what is not zero at first: tables that are lie in
// memory alone.
#include <gtest/gtest.h>

#include <elf.h>
#include <fstream>
#include <string>

namespace {

/// What of a library is loaded from its file, whatever else that holds for debuggers.
std::size_t loaded_bytes_of(const std::string& library) {
  std::ifstream file(library, std::ios::binary);
  Elf64_Ehdr header{};
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  std::size_t bytes = 0;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    file.seekg(static_cast<std::streamoff>(header.e_phoff + i * sizeof segment));
    file.read(reinterpret_cast<char*>(&segment), sizeof segment);
    if (segment.p_type == PT_LOAD) bytes += segment.p_filesz;
  }
  EXPECT_TRUE(file.good()) << library;
  return bytes;
}

// Several times what they have, and a fraction of any table for the whole region.
constexpr std::size_t most_bytes = std::size_t{1} << 20;

TEST(file_size, of_the_library_is_its_code) { EXPECT_LT(loaded_bytes_of(LIBRARY), most_bytes); }

TEST(file_size, of_the_preload_library_is_its_code) {
  if (std::string(PRELOAD_LIBRARY).empty()) GTEST_SKIP() << "the preload library is not built";
  EXPECT_LT(loaded_bytes_of(PRELOAD_LIBRARY), most_bytes);
}

}  // namespace
