// face.hpp - the C face as a table: what the preload library shows to a
// libconnarena in the same process, so that both share one core.
#pragma once

#include <connarena/connarena.h>

namespace connarena {

struct c_face {
  unsigned version;
  connarena_t (*create)(const connarena_options*);
  void* (*aligned_alloc)(connarena_t, size_t, size_t);
  void* (*calloc)(connarena_t, size_t, size_t);
  void* (*realloc)(connarena_t, void*, size_t);
  void (*free)(void*);
  size_t (*usable_size)(const void*);
  connarena_t (*of)(const void*);
  int (*release)(connarena_t);
  int (*close)(connarena_t);
  int (*destroy)(connarena_t);
  connarena_t (*enter)(connarena_t);
  void (*leave)(connarena_t);
  connarena_t (*of_fd)(int);
  int (*get_stats)(connarena_t, connarena_stats*);
  void (*get_process_stats)(connarena_process_stats*);
};

inline constexpr unsigned face_version = 1;

/// Under this name the preload library exports its table.
inline constexpr const char* face_symbol = "connarena_preload_face";

/// The preload library's face, or null: then this core serves. Defined by
/// start.cpp in the library, and as null in the preload library itself.
extern const c_face* preloaded_face;

}  // namespace connarena
