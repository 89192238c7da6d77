#include "shim/launcher/record/report_beside.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace connarena::launcher {

report_beside::report_beside(const std::string& recording) : folder_(recording + ".report.XXXXXX") {
  if (::mkdtemp(folder_.data()) == nullptr) folder_.clear();
}

report_beside::~report_beside() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace connarena::launcher
