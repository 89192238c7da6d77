// c_api_0_1.cpp - the functions of the C API that know its structs as they were in 0.1, in
// the library and in the preload library. See connarena.h.
#include <connarena/connarena.h>

namespace {

// What the structs become does not change these.
constexpr size_t options_size = 16;
constexpr size_t stats_size = 40;
constexpr size_t process_stats_size = 56;

}  // namespace

extern "C" {

connarena_t(connarena_create)(const connarena_options* options) {
  return connarena_create_sized(options, options_size);
}

int(connarena_get_stats)(connarena_t arena, connarena_stats* stats) {
  return connarena_get_stats_sized(arena, stats, stats_size);
}

int(connarena_get_process_stats)(connarena_process_stats* stats) {
  return connarena_get_process_stats_sized(stats, process_stats_size);
}

}  // extern "C"
