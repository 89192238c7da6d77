#include "install/variant.hpp"

#include <stdexcept>

#include "install/installation.hpp"

namespace install {
namespace {

void run_or_throw(const std::vector<std::string>& arguments) {
  const harness::outcome result = harness::run({arguments}, build_patience);
  if (!result.succeeded()) throw std::runtime_error(harness::describe(result));
}

}  // namespace

std::filesystem::path build_variant(const std::string& name,
                                    const std::vector<std::string>& options,
                                    const std::vector<std::string>& targets) {
  const std::filesystem::path build = std::filesystem::path(BUILD_FOLDER) / "variants" / name;
  std::vector<std::string> arguments{CMAKE_PROGRAM,
                                     "-S",
                                     SOURCE_FOLDER,
                                     "-B",
                                     build.string(),
                                     "-DCMAKE_C_COMPILER=" C_COMPILER,
                                     "-DCMAKE_CXX_COMPILER=" CXX_COMPILER};
  arguments.insert(arguments.end(), options.begin(), options.end());
  run_or_throw(arguments);
  arguments = {CMAKE_PROGRAM, "--build", build.string(), "--parallel", "2"};
  if (!targets.empty()) arguments.emplace_back("--target");
  arguments.insert(arguments.end(), targets.begin(), targets.end());
  run_or_throw(arguments);
  return build;
}

}  // namespace install
