// of_fd.cpp - the one function of the C face that only the preload library has.
#include <cerrno>

#include "api/face.hpp"

extern "C" connarena_t connarena_of_fd(int fd) {
  if (connarena::preloaded_face != nullptr) return connarena::preloaded_face->of_fd(fd);
  errno = ENOTSUP;
  return 0;
}
