// own_file.hpp - files of reports, as a process with any rights may open them: no link is
// followed, nothing waits, and what is there is looked at first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shim/report/ledger.hpp"

namespace connarena::shim::report {

/// Which file a name means, while it is there; device 0: none.
struct file_identity {
  std::uint64_t device;
  std::uint64_t number;
  std::uint64_t bytes;

  [[nodiscard]] bool is_same_file(const file_identity& other) const noexcept {
    return device != 0 && device == other.device && number == other.number;
  }
};
[[nodiscard]] file_identity identity_of(const char* name) noexcept;

class opened_file {
 public:
  enum how : unsigned char { read_only, read_and_write, create };
  opened_file(const char* name, how mode) noexcept;
  ~opened_file();
  opened_file(const opened_file&) = delete;
  opened_file& operator=(const opened_file&) = delete;

  /// Only a regular file is.
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const file_identity& identity() const noexcept { return identity_; }
  [[nodiscard]] bool resize(std::size_t bytes) const noexcept;
  [[nodiscard]] bool write(const void* from, std::size_t bytes) const noexcept;
  /// All of it.
  [[nodiscard]] bool read(void* into, std::size_t bytes) const noexcept;

 private:
  int descriptor_;
  file_identity identity_{};
};

enum class occupant : unsigned char { nothing, empty_file, report, unreadable, something_else };

/// What has the name now. A report's head is read, as far as it is there.
[[nodiscard]] occupant look_at(const char* name, ledger_head& found) noexcept;

}  // namespace connarena::shim::report
