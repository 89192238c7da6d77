// The number of the process's mappings does not grow with what it allocates.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace {

std::size_t mapping_count() {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) ++count;
  return count;
}

TEST(mappings, stay_few_while_memory_comes_and_goes) {
  std::vector<void*> blocks(20000);
  std::vector<connarena_t> arenas(1000);
  for (connarena_t& each : arenas) each = connarena_create(nullptr);
  const std::size_t start = mapping_count();
  for (std::size_t round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      blocks[i] = connarena_malloc(arenas[i % arenas.size()], i % 2 == 0 ? 100 : 10000 + i);
    }
    for (std::size_t i = round; i < blocks.size(); i += 2) {
      connarena_free(blocks[i]);
      blocks[i] = nullptr;
    }
    for (void*& each : blocks) {
      each = connarena_realloc(arenas[0], each, 30000);
      connarena_free(each);
    }
  }
  // The region's parts and tables, each committed or not, and the C library's own.
  EXPECT_LE(mapping_count(), start + 30);
  for (const connarena_t each : arenas) connarena_destroy(each);
}

}  // namespace
