#include "shim/launcher/libraries.hpp"

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace connarena::launcher {
namespace {

namespace fs = std::filesystem;

constexpr const char* library_folders[] = {"/usr/lib/" CONNARENA_ARCHITECTURE,
                                           "/lib/" CONNARENA_ARCHITECTURE, "/usr/local/lib",
                                           "/usr/lib64", "/usr/lib"};

std::vector<std::string> names_of(const std::string& base) {
  if (base == "libc") return {"libc.so.6"};
  if (base == "jemalloc") return {"libjemalloc.so.2"};
  if (base == "mimalloc") return {"libmimalloc.so.2", "libmimalloc.so.2.0", "libmimalloc.so"};
  if (base == "tcmalloc") return {"libtcmalloc_minimal.so.4", "libtcmalloc.so.4"};
  return {};
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

}  // namespace

std::string find_preload_library() {
  std::error_code failed;
  const fs::path self = fs::read_symlink("/proc/self/exe", failed);
  const fs::path folder = self.parent_path();
  // Beside it, as both are built; else where it was installed. An absolute way leads
  // there whatever stands in front of it.
  for (const fs::path& place : {folder, folder / CONNARENA_WAY_TO_LIBRARIES}) {
    const fs::path library = place / "libconnarena_preload.so";
    if (is_file(library)) return fs::weakly_canonical(library, failed).string();
  }
  return {};
}

std::string find_base_library(const std::string& base) {
  // The program's children may be elsewhere.
  if (base.find('/') != std::string::npos) return is_file(base) ? fs::absolute(base).string() : "";
  for (const std::string& name : names_of(base)) {
    for (const char* folder : library_folders) {
      if (is_file(fs::path(folder) / name)) return (fs::path(folder) / name).string();
    }
  }
  return {};
}

std::string reason_against_library(const std::string& path) {
  if (path.find_first_of(" :$") == std::string::npos) return {};
  return "LD_PRELOAD cannot name " + path + ": a space or colon would end the name, a $ change it";
}

std::string preload_list(const std::string& ours, const std::string& base) {
  std::string list = ours;
  if (!base.empty()) list += ":" + base;
  const char* const before = std::getenv("LD_PRELOAD");
  if (before != nullptr && *before != '\0') list += std::string(":") + before;
  return list;
}

}  // namespace connarena::launcher
