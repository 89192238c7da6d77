#include "shim/report/named_arenas.hpp"

#include <algorithm>

namespace connarena::shim::report {
namespace {

// A row's state: its name is written once, by whoever changes it from free.
constexpr std::uint32_t is_free = 0;
constexpr std::uint32_t is_being_written = 1;
constexpr std::uint32_t has_name = 2;

bool is_called(const named_arenas& row, const char* name) noexcept {
  return std::strncmp(row.name, name, sizeof row.name - 1) == 0;
}

void write(named_arenas& row, const char* name) noexcept {
  std::memcpy(row.name, name, strnlen(name, sizeof row.name - 1));
  // release: pairs with the acquire in row_of
  row.state.store(has_name, std::memory_order_release);
}

/// Null where there is no room. Two rows may get one name where two threads write it first
/// at the same time: whoever reads adds them up.
named_arenas* row_of(const char* name) noexcept {
  for (named_arenas& each : own_family->names) {
    std::uint32_t state = each.state.load(std::memory_order_acquire);
    if (state == is_free && each.state.compare_exchange_strong(state, is_being_written)) {
      write(each, name);
      return &each;
    }
    if (state == has_name && is_called(each, name)) return &each;
  }
  return nullptr;
}

named_arenas* row_of(core::handle arena) noexcept {
  const char* const name = core::name_of(arena);
  return name != nullptr ? row_of(name) : nullptr;
}

}  // namespace

void detail::count_named_opened(core::handle arena) noexcept {
  named_arenas* const row = row_of(arena);
  if (row == nullptr) return;
  add(row->opened, 1);
  have_tables_changed.store(true);
}

void detail::count_named_ended(core::handle arena, bool are_blocks_kept) noexcept {
  named_arenas* const row = row_of(arena);
  connarena_stats last{};
  if (row == nullptr || !core::arena_counters(arena, &last)) return;
  add(row->ended, 1);
  add(row->survivor_bytes, are_blocks_kept ? last.live_bytes : 0);
  raise(row->peak_bytes, last.peak_bytes);
  have_tables_changed.store(true);
}

}  // namespace connarena::shim::report
