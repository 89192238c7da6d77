// built_files.hpp - where the parts of the measurement were built.
#pragma once

#include <string>

#include "process/own_folder.hpp"

namespace attribution {

[[nodiscard]] inline std::string built_server() {
  return demo::own_folder() / "attribution_server";
}
[[nodiscard]] inline std::string built_probe() { return demo::own_folder() / "libarena_probe.so"; }
[[nodiscard]] inline std::string preload_library() {
  return (demo::own_folder() / "../../shim/libconnarena_preload.so").lexically_normal();
}

}  // namespace attribution
