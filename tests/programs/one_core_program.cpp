// one_core_program - a program linked to libconnarena.so. Under the preload
// library there is one core for both: one region, one bound.
//
// Exit codes: 0 one core, 1 the counters disagree, 2 a scope does not direct
// malloc, 3 the library does not know malloc's block.
#include <connarena/scope.hpp>

#include <cstdlib>

int main() {
  constexpr std::size_t bytes = 10000000;
  const connarena::arena_ptr arena = connarena::synchronized_arena::open();
  const std::size_t live_bytes = connarena::process().live_bytes;
  void* unowned = std::malloc(bytes);
  if (connarena::process().live_bytes < live_bytes + bytes) return 1;
  void* owned = nullptr;
  {
    const connarena::scope serving(*arena);
    owned = std::malloc(20000);
  }
  if (connarena_of(owned) != arena->handle()) return 2;
  if (connarena_usable_size(unowned) < bytes) return 3;
  std::free(owned);
  std::free(unowned);
  return 0;
}
