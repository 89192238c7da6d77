// preloaded.cpp - finds the preload library's core when the process starts.
#include <dlfcn.h>

#include "api/face.hpp"

namespace connarena {

constinit const c_face* preloaded_face = nullptr;

namespace {

/// Before other constructors: a program's own may open arenas.
[[gnu::constructor(101)]] void find_preloaded_face() {
  const auto* const face = static_cast<const c_face*>(dlsym(RTLD_DEFAULT, face_symbol));
  if (face != nullptr && face->version == face_version) preloaded_face = face;
}

}  // namespace
}  // namespace connarena
