#include "shim/connections.hpp"

#include <atomic>

#include "shim/chunked_table.hpp"
#include "shim/errno_kept.hpp"
#include "shim/idle.hpp"
#include "shim/inside_core.hpp"
#include "shim/report/recorder.hpp"

namespace connarena::shim {
namespace {

struct record {
  std::atomic<std::uint64_t> life;  ///< generation and descriptors
  std::atomic<core::handle> arena;  ///< 0: not opened
  std::atomic<std::uint32_t> next;  ///< in the list of free or of late records
};

// As many as the system lets a process have descriptors by default, 2^20, and more.
chunked_table<record, 1024, 4096> records;
std::atomic<std::uint32_t> records_used{1};  // index 0 is none
// Top of the list of free records: a count against a top that went and came back,
// and the index.
std::atomic<std::uint64_t> free_records{0};
// Top of the list of records whose connections ended in a handler that interrupted
// the core. Whoever takes it takes all of it.
std::atomic<std::uint32_t> late_records{0};

constexpr std::uint64_t descriptors_mask = 0xFFFFFFFF;

std::uint32_t low_half(std::uint64_t pair) noexcept { return static_cast<std::uint32_t>(pair); }
std::uint32_t high_half(std::uint64_t pair) noexcept {
  return static_cast<std::uint32_t>(pair >> 32);
}
constexpr std::uint64_t pair_of(std::uint32_t high, std::uint32_t low) noexcept {
  return std::uint64_t{high} << 32 | low;
}

bool is_alive(std::uint64_t life, connection_id connection) noexcept {
  return high_half(life) == high_half(connection) && low_half(life) != 0;
}

std::uint32_t take_free_record() noexcept {
  // acquire: pairs with the release in give_back
  std::uint64_t top = free_records.load(std::memory_order_acquire);
  while (low_half(top) != 0) {
    const std::uint32_t next = records.find(low_half(top))->next.load(std::memory_order_relaxed);
    if (free_records.compare_exchange_weak(top, pair_of(high_half(top) + 1, next),
                                           std::memory_order_acquire)) {
      return low_half(top);
    }
  }
  return records_used.fetch_add(1, std::memory_order_relaxed);
}

void give_back(std::uint32_t index, record& ended) noexcept {
  std::uint64_t top = free_records.load(std::memory_order_relaxed);
  do {
    ended.next.store(low_half(top), std::memory_order_relaxed);
    // release: pairs with the acquire in take_free_record
  } while (!free_records.compare_exchange_weak(top, pair_of(high_half(top) + 1, index),
                                               std::memory_order_release));
}

void drain(core::handle arena) noexcept {
  core::drain_result result{};
  const bool is_drained = [&] {
    const inside_core inside;
    return core::drain_arena(arena, &result);
  }();
  if (is_drained) report::arena_drained(result);
}

void end_now(std::uint32_t index, record& ended) noexcept {
  if (const core::handle arena = ended.arena.exchange(0)) drain(arena);
  report::connection_closed();
  note_closed_connection();
  give_back(index, ended);
}

void end_later(std::uint32_t index, record& ended) noexcept {
  std::uint32_t top = late_records.load(std::memory_order_relaxed);
  do {
    ended.next.store(top, std::memory_order_relaxed);
    // release: pairs with the acquire in end_late_connections
  } while (!late_records.compare_exchange_weak(top, index, std::memory_order_release));
}

void end_connection(std::uint32_t index, record& ended) noexcept {
  if (is_inside_core()) return end_later(index, ended);
  end_now(index, ended);
  end_late_connections();
}

/// Opens the arena of a connection that may end meanwhile. The record's arena is
/// written before its life is read, and end_connection does the reverse: one of
/// the two sees the other.
core::handle open_arena(connection_id connection, record& of) noexcept {
  const errno_kept kept;
  const inside_core inside;
  const core::handle opened = core::open_arena(SIZE_MAX, "connection");
  if (opened == 0) return 0;
  core::handle present = 0;
  if (!of.arena.compare_exchange_strong(present, opened)) {
    drain(opened);
    return present;
  }
  report::arena_opened();
  if (is_alive(of.life.load(), connection)) return opened;
  core::handle mine = opened;
  if (of.arena.compare_exchange_strong(mine, 0)) drain(opened);
  return 0;
}

}  // namespace

connection_id begin_connection() noexcept {
  const std::uint32_t index = take_free_record();
  record* const made = records.make(index);
  if (made == nullptr) return 0;
  const std::uint32_t generation = high_half(made->life.load(std::memory_order_relaxed)) + 1;
  made->life.store(pair_of(generation, 1));
  report::connection_opened();
  return pair_of(generation, index);
}

bool add_descriptor(connection_id connection) noexcept {
  record* const at = records.find(low_half(connection));
  if (at == nullptr) return false;
  std::uint64_t life = at->life.load(std::memory_order_relaxed);
  while (is_alive(life, connection)) {
    if (at->life.compare_exchange_weak(life, life + 1)) return true;
  }
  return false;
}

void drop_descriptor(connection_id connection) noexcept {
  record* const at = records.find(low_half(connection));
  if (at == nullptr) return;
  const errno_kept kept;
  std::uint64_t life = at->life.load(std::memory_order_relaxed);
  while (is_alive(life, connection)) {
    if (!at->life.compare_exchange_weak(life, life - 1)) continue;
    if ((life & descriptors_mask) == 1) end_connection(low_half(connection), *at);
    return;
  }
}

void prepare_connections() noexcept { static_cast<void>(records.make(0)); }

void end_late_connections() noexcept {
  if (late_records.load(std::memory_order_relaxed) == 0 || is_inside_core()) return;
  const errno_kept kept;
  // acquire: pairs with the release in end_later
  std::uint32_t index = late_records.exchange(0, std::memory_order_acquire);
  while (index != 0) {
    record& ended = *records.find(index);
    const std::uint32_t next = ended.next.load(std::memory_order_relaxed);
    end_now(index, ended);
    index = next;
  }
}

core::handle arena_of(connection_id connection) noexcept {
  record* const at = records.find(low_half(connection));
  if (at == nullptr || !is_alive(at->life.load(std::memory_order_relaxed), connection)) return 0;
  const core::handle arena = at->arena.load(std::memory_order_relaxed);
  return arena != 0 ? arena : open_arena(connection, *at);
}

}  // namespace connarena::shim
