// glibc.cpp - the C library's malloc.
#include "contenders/process_malloc.hpp"

namespace micro {
namespace {

struct glibc : process_malloc {
  static constexpr const char* name = "glibc";
};

[[maybe_unused]] const bool registered = register_works<glibc>();

}  // namespace
}  // namespace micro
