// cpp_plug_in - a plug-in in C++ for a program in C: the C++ library is in no scope
// but the plug-in's own.
//
// Returns 0, 1 where new throws nothing, 2 where new(nothrow) finds memory.
#include <cstdlib>
#include <new>

extern "C" __attribute__((visibility("default"))) int plug_in_main(void* block) {
  constexpr std::size_t too_much = std::size_t{1} << 62;
  std::free(block);
  try {
    ::operator delete(::operator new(too_much));
    return 1;
  } catch (const std::bad_alloc&) {
  }
  return ::operator new(too_much, std::nothrow) == nullptr ? 0 : 2;
}
