// arena.cpp - connarena::arena, for one thread at a time.
#include <connarena/arena.hpp>

#include "contenders/pmr_heap.hpp"
#include "works/all.hpp"

namespace micro {
namespace {

struct arena : pmr_heap<connarena::arena> {
  static constexpr const char* name = "arena";
  static constexpr traits can{};
};

[[maybe_unused]] const bool registered = register_works<arena>();

}  // namespace
}  // namespace micro
