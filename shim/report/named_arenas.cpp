#include "shim/report/named_arenas.hpp"

#include <algorithm>

#include "api/core.hpp"
#include "shim/report/own_record.hpp"

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

void count_opened(const char* name) noexcept {
  named_arenas* const row = row_of(name);
  if (row == nullptr) return;
  add(row->opened, 1);
  have_tables_changed.store(true);
}

void count_ended(const char* name, const connarena_stats& last) noexcept {
  named_arenas* const row = row_of(name);
  if (row == nullptr) return;
  add(row->ended, 1);
  add(row->survivor_bytes, last.live_bytes);
  raise(row->peak_bytes, last.peak_bytes);
  have_tables_changed.store(true);
}

constexpr core::arena_watcher watcher{count_opened, count_ended};

}  // namespace

void watch_named_arenas() noexcept { core::watch_arenas(watcher); }

}  // namespace connarena::shim::report
