// start.cpp - what the library does when the process starts: it reads its setting,
// looks for who else is to serve arenas, and keeps its own core whole over a fork.
#include <dlfcn.h>
#include <pthread.h>

#include "api/core.hpp"
#include "api/face.hpp"
#include "api/sanitizer_face.hpp"

namespace connarena {

constinit const c_face* preloaded_face = nullptr;

namespace {

/// Before other constructors: a program's own may open arenas.
[[gnu::constructor(101)]] void start() {
  core::harden_if_asked();
  const auto* const face = static_cast<const c_face*>(dlsym(RTLD_DEFAULT, face_symbol));
  if (face != nullptr && face->version == face_version) preloaded_face = face;
  if (preloaded_face == nullptr && !CONNARENA_SANITIZED) preloaded_face = sanitizer_face();
  static_cast<void>(
      pthread_atfork(core::before_fork, core::after_fork_in_parent, core::after_fork_in_child));
}

}  // namespace
}  // namespace connarena
