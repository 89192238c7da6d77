// or_throw.hpp - how the C++ classes say that there is no block.
#pragma once

#include <cerrno>
#include <new>

#include <connarena/arena.hpp>

namespace connarena {

/// Pre: where there is no block, errno says why.
inline void* or_throw(void* block) {
  if (block != nullptr) [[likely]]
    return block;
  if (errno == EDQUOT) throw arena_limit_exceeded();
  throw std::bad_alloc();
}

}  // namespace connarena
