// operator_cases.cpp - the forms of operator new and delete: each is the preload
// library's, and not the next library's or another form of it.
#include <cstdint>
#include <new>

#include "programs/wrappers/counted_operators.hpp"
#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

namespace wrappers {
namespace {

constexpr std::align_val_t wide{64};
// An alignment that no block has by chance.
constexpr std::align_val_t very_wide{65536};

bool is_aligned(const void* block, std::align_val_t alignment) {
  return reinterpret_cast<std::uintptr_t>(block) % static_cast<std::size_t>(alignment) == 0;
}

template <typename New>
bool makes(New make, std::align_val_t alignment = std::align_val_t{16}) {
  const connection link;
  if (!link.send_from(link.near())) return false;
  const int reached_before = times_next_operators_were_reached();
  void* const block = make(alignment);
  if (!belongs_to(block, link.near()) || !is_aligned(block, alignment)) return false;
  free(block);
  return times_next_operators_were_reached() == reached_before;
}

template <typename New>
bool makes_aligned(New make) {
  return makes(make, wide) && makes(make, very_wide);
}

template <typename Delete>
bool deletes(Delete release) {
  const connection link;
  if (!link.send_from(link.near())) return false;
  const int reached_before = times_next_operators_were_reached();
  const connarena_t arena = connarena_of_fd(link.near());
  void* const block = aligned_alloc(64, run_bytes);
  const std::size_t live_before = live_bytes(arena);
  if (!belongs_to(block, link.near())) return false;
  release(block);
  release(nullptr);
  return live_bytes(arena) + run_bytes <= live_before &&
         times_next_operators_were_reached() == reached_before;
}

using std::nothrow;

// clang-format off
constexpr wrapper_case cases[] = {
    {"_Znwm", [] { return makes([](std::align_val_t) { return ::operator new(run_bytes); }); }},
    {"_Znam", [] { return makes([](std::align_val_t) { return ::operator new[](run_bytes); }); }},
    {"_ZnwmSt11align_val_t", [] { return makes_aligned([](std::align_val_t a) { return ::operator new(run_bytes, a); }); }},
    {"_ZnamSt11align_val_t", [] { return makes_aligned([](std::align_val_t a) { return ::operator new[](run_bytes, a); }); }},
    {"_ZnwmRKSt9nothrow_t", [] { return makes([](std::align_val_t) { return ::operator new(run_bytes, nothrow); }); }},
    {"_ZnamRKSt9nothrow_t", [] { return makes([](std::align_val_t) { return ::operator new[](run_bytes, nothrow); }); }},
    {"_ZnwmSt11align_val_tRKSt9nothrow_t", [] { return makes_aligned([](std::align_val_t a) { return ::operator new(run_bytes, a, nothrow); }); }},
    {"_ZnamSt11align_val_tRKSt9nothrow_t", [] { return makes_aligned([](std::align_val_t a) { return ::operator new[](run_bytes, a, nothrow); }); }},
    {"_ZdlPv", [] { return deletes([](void* p) { ::operator delete(p); }); }},
    {"_ZdaPv", [] { return deletes([](void* p) { ::operator delete[](p); }); }},
    {"_ZdlPvm", [] { return deletes([](void* p) { ::operator delete(p, run_bytes); }); }},
    {"_ZdaPvm", [] { return deletes([](void* p) { ::operator delete[](p, run_bytes); }); }},
    {"_ZdlPvSt11align_val_t", [] { return deletes([](void* p) { ::operator delete(p, wide); }); }},
    {"_ZdaPvSt11align_val_t", [] { return deletes([](void* p) { ::operator delete[](p, wide); }); }},
    {"_ZdlPvmSt11align_val_t", [] { return deletes([](void* p) { ::operator delete(p, run_bytes, wide); }); }},
    {"_ZdaPvmSt11align_val_t", [] { return deletes([](void* p) { ::operator delete[](p, run_bytes, wide); }); }},
    {"_ZdlPvRKSt9nothrow_t", [] { return deletes([](void* p) { ::operator delete(p, nothrow); }); }},
    {"_ZdaPvRKSt9nothrow_t", [] { return deletes([](void* p) { ::operator delete[](p, nothrow); }); }},
    {"_ZdlPvSt11align_val_tRKSt9nothrow_t", [] { return deletes([](void* p) { ::operator delete(p, wide, nothrow); }); }},
    {"_ZdaPvSt11align_val_tRKSt9nothrow_t", [] { return deletes([](void* p) { ::operator delete[](p, wide, nothrow); }); }},
};
// clang-format on

}  // namespace

case_list operator_cases() { return cases; }

}  // namespace wrappers
