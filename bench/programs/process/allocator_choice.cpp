#include "process/allocator_choice.hpp"

namespace demo {
namespace {
const std::string library_folder = "/usr/lib/" CONNARENA_ARCHITECTURE "/";
}

std::vector<allocator_choice> all_allocators(const std::filesystem::path& build_tree) {
  return {
      {"glibc", "glibc", "#7f7f7f", "", "", "", true},
      {"jemalloc", "jemalloc", "#1f77b4", library_folder + "libjemalloc.so.2", "", "libjemalloc2"},
      {"jemalloc-bg", "jemalloc, background thread", "#17a2b8", library_folder + "libjemalloc.so.2",
       "MALLOC_CONF=background_thread:true", "libjemalloc2", true},
      {"mimalloc", "mimalloc", "#2ca02c", library_folder + "libmimalloc.so.2", "",
       "libmimalloc2.0"},
      {"tcmalloc", "tcmalloc", "#9467bd", library_folder + "libtcmalloc_minimal.so.4", "",
       "libtcmalloc-minimal4"},
      {"connarena", "connarena", "#e4002b",
       (build_tree / "shim" / "libconnarena_preload.so").string(), "", "", true},
  };
}

std::vector<std::string> environment_for(const allocator_choice& allocator, bool brings_own_malloc,
                                         const std::string& further_library) {
  std::string preload = further_library;
  const auto add = [&](const std::string& library) {
    if (!preload.empty()) preload += ' ';
    preload += library;
  };
  if (!allocator.library.empty()) add(allocator.library);
  const bool needs_libc = allocator.library.empty() || allocator.name == "connarena";
  if (brings_own_malloc && needs_libc) add(library_folder + "libc.so.6");
  std::vector<std::string> environment;
  if (!preload.empty()) environment.push_back("LD_PRELOAD=" + preload);
  if (!allocator.settings.empty()) environment.push_back(allocator.settings);
  return environment;
}

}  // namespace demo
