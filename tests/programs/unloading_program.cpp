// unloading_program LIBRARY - loads the library, leaves idle memory in it that a helper is to
// return, unloads it and goes on until the helper has ended.
//
// Exit codes: 0 as it should be, 1 no library, 2 no helper has started, 3 it has not ended.
#include <dirent.h>
#include <dlfcn.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <thread>
#include <vector>

#include <connarena/connarena.h>

#include "harness/deadline.hpp"

namespace {

template <typename Function>
Function* find(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

void leave_idle_memory(void* library) {
  constexpr std::size_t block_bytes = std::size_t{1} << 18;
  const auto create = find<decltype(connarena_create)>(library, "connarena_create");
  const auto allocate = find<decltype(connarena_malloc)>(library, "connarena_malloc");
  const auto release = find<decltype(connarena_free)>(library, "connarena_free");
  const connarena_t arena = create(nullptr);
  std::vector<void*> blocks;
  for (int i = 0; i < 256; ++i) blocks.push_back(allocate(arena, block_bytes));
  for (void* const block : blocks) std::memset(block, 1, block_bytes);
  for (void* const block : blocks) release(block);
}

std::size_t threads() {
  std::size_t count = 0;
  DIR* const tasks = opendir("/proc/self/task");
  while (const dirent* const each = readdir(tasks)) count += each->d_name[0] != '.' ? 1 : 0;
  closedir(tasks);
  return count;
}

}  // namespace

int main(int count, char** words) {
  void* const library = count == 2 ? dlopen(words[1], RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (library == nullptr) return 1;
  std::thread([] {
    for (;;) pause();
  }).detach();
  leave_idle_memory(library);
  if (threads() != 3) return 2;
  dlclose(library);
  return harness::wait_until([] { return threads() == 2; }) ? 0 : 3;
}
