// burst.hpp - connections that come and go together.
#pragma once

#include <connarena/connarena.h>

#include <cstddef>
#include <vector>

namespace fake_os {

/// 64 connections of 4 blocks come and go.
inline void burst(std::size_t block_bytes) {
  std::vector<connarena_t> arenas;
  std::vector<void*> blocks;
  for (int i = 0; i < 64; ++i) {
    arenas.push_back(connarena_create(nullptr));
    for (int k = 0; k < 4; ++k) blocks.push_back(connarena_malloc(arenas.back(), block_bytes));
  }
  for (void* block : blocks) connarena_free(block);
  for (const connarena_t arena : arenas) connarena_close(arena);
}

}  // namespace fake_os
