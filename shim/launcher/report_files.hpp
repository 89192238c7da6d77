// report_files.hpp - the files that belong to one run, read at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shim/report/ledger.hpp"

namespace connarena::launcher {

/// FILE, and of FILE.1 and so on what is of the same run and the same user's or root's.
class report_files {
 public:
  explicit report_files(const std::string& name);

  /// Empty, or why FILE is no report.
  [[nodiscard]] const std::string& error() const { return error_; }
  /// FILE's is the first.
  [[nodiscard]] const std::vector<const shim::report::ledger*>& families() const {
    return families_;
  }

 private:
  bool is_known(std::uint64_t family) const;
  void add(std::vector<char>&& contents);
  void add_numbered(const std::string& name, unsigned owner);

  std::string error_;
  std::vector<std::unique_ptr<char[]>> bytes_;
  std::vector<const shim::report::ledger*> families_;
};

}  // namespace connarena::launcher
