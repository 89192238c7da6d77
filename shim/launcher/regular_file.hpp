// regular_file.hpp - a file that somebody else named, opened only if it is one.
//
// A report names files and can be anybody's: opening a pipe waits for ever, opening a
// device may do something. Reads never go beyond the size the file had at first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace connarena::launcher {

class regular_file {
 public:
  /// What it holds is bounded: whoever asks for more gets this much.
  static constexpr std::uint64_t most_bytes = std::uint64_t{256} << 20;

  enum class links : unsigned char { followed, not_followed };
  explicit regular_file(const std::string& path, links how = links::followed);
  ~regular_file();
  regular_file(const regular_file&) = delete;
  regular_file& operator=(const regular_file&) = delete;

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  /// Why it is not: as errno has it; 0: it is no regular file.
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] unsigned owner() const { return owner_; }

  /// As many bytes as are there, zeroes after them.
  void read(std::uint64_t offset, void* into, std::size_t bytes) const;
  [[nodiscard]] std::vector<char> part(std::uint64_t offset, std::uint64_t bytes) const;
  template <typename Value>
  [[nodiscard]] Value at(std::uint64_t offset) const {
    Value value{};
    read(offset, &value, sizeof value);
    return value;
  }

 private:
  int descriptor_ = -1;
  int error_ = 0;
  std::uint64_t size_ = 0;
  unsigned owner_ = 0;
};

}  // namespace connarena::launcher
