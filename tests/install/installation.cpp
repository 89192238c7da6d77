#include "install/installation.hpp"

#include <unistd.h>

#include <iterator>
#include <sstream>
#include <stdexcept>

namespace install {
namespace {

namespace fs = std::filesystem;

/// Removed with everything in it when the process ends.
class scratch_folder {
 public:
  scratch_folder() : path_(fs::path(BUILD_FOLDER) / ("install-test-" + std::to_string(getpid()))) {
    fs::create_directories(path_);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

const fs::path& scratch() {
  static const scratch_folder folder;
  return folder.path();
}

fs::path install_and_move() {
  const fs::path first = scratch() / "first";
  const harness::outcome result =
      harness::run({{CMAKE_PROGRAM, "--install", BUILD_FOLDER, "--prefix", first.string()}});
  if (!result.succeeded()) throw std::runtime_error(harness::describe(result));
  fs::path moved = scratch() / "moved";
  fs::rename(first, moved);
  return moved;
}

}  // namespace

const fs::path& prefix() {
  static const fs::path path = install_and_move();
  return path;
}

fs::path fresh_folder(const std::string& name) {
  const fs::path path = scratch() / name;
  fs::create_directories(path);
  return path;
}

std::vector<std::string> pkg_config(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "pkg-config");
  arguments.push_back("connarena");
  const harness::outcome result =
      harness::run({arguments, {"PKG_CONFIG_PATH=" + (prefix() / "lib/pkgconfig").string()}});
  if (!result.succeeded()) throw std::runtime_error(harness::describe(result));
  std::istringstream words(result.output);
  return {std::istream_iterator<std::string>(words), {}};
}

harness::outcome run_with_libraries(std::vector<std::string> arguments) {
  return harness::run({std::move(arguments), {"LD_LIBRARY_PATH=" + (prefix() / "lib").string()}});
}

}  // namespace install
