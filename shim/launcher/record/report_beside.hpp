// report_beside.hpp - where a program that is recorded keeps its call sites: in a folder
// beside the recording that is made for it, under a name that nothing had, and goes with it.
#pragma once

#include <string>

namespace connarena::launcher {

class report_beside {
 public:
  explicit report_beside(const std::string& recording);
  ~report_beside();
  report_beside(const report_beside&) = delete;
  report_beside& operator=(const report_beside&) = delete;

  /// Empty: the folder cannot be made, and errno says why.
  [[nodiscard]] std::string name() const { return folder_.empty() ? "" : folder_ + "/report"; }

 private:
  std::string folder_;
};

}  // namespace connarena::launcher
