#include "shim/lifetime/connections.hpp"

#include <atomic>

#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/chunked_table.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/free_indices.hpp"
#include "shim/handler_safe/held_signals.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/lifetime/at_wait.hpp"
#include "shim/lifetime/current_limits.hpp"
#include "shim/lifetime/idle.hpp"
#include "shim/lifetime/quiescence.hpp"
#include "shim/lifetime/socket_kind.hpp"
#include "shim/live/publisher.hpp"
#include "shim/report/call_sites.hpp"
#include "shim/report/recorder.hpp"
#include "shim/settings/settings.hpp"
#include "shim/settings/text.hpp"

namespace connarena::shim {
namespace {

struct record : ending {
  std::atomic<std::uint32_t> free_link;  ///< while it is in use: its own index
  std::atomic<std::uint64_t> life;       ///< generation and descriptors
  std::atomic<core::handle> arena;       ///< 0: not opened
  std::uint64_t identity;                ///< of the socket, where survivors are released
  std::atomic<bool> was_closed_unseen;
  std::atomic<bool> is_exempt;
  std::atomic<bool> is_leaving;  ///< it holds too much, and is to be disconnected
  std::atomic<bool> is_shut;     ///< it was
  std::atomic<std::int32_t> fd;  ///< its first descriptor
  std::uint32_t forks;           ///< what report::forks_before was when it began
};

// As many as the system lets a process have descriptors by default, 2^20, and more.
chunked_table<record, 1024, 4096> records;
free_indices free_records;

constexpr std::uint64_t descriptors_mask = 0xFFFFFFFF;
constexpr unsigned generation_bit = 32;

bool is_alive(std::uint64_t life, connection_id connection) noexcept {
  return life >> generation_bit == generation_of(connection) && (life & descriptors_mask) != 0;
}

/// Of a record that is in use.
connection_id last_id_of(const record& of) noexcept {
  return named(
      static_cast<std::uint32_t>(of.life.load(std::memory_order_relaxed) >> generation_bit),
      of.free_link.load(std::memory_order_relaxed));
}

/// Where the addresses run out it says so, once.
bool releases_survivors() noexcept {
  static constinit std::atomic<bool> was_told{false};
  if (!current_settings.releases_survivors) return false;
  if (core::may_retire()) return true;
  if (was_told.exchange(true)) return false;
  text<200>{}
      .add(
          "connarena: no addresses are left to retire: what survives its connection from "
          "now on stays until it is freed\n")
      .write_to(STDERR_FILENO);
  return false;
}

bool asks_for_identity() noexcept {
  return current_settings.releases_survivors || are_connections_watched();
}

/// Whether no limit is for whoever is at the other end.
bool is_exempt(int fd) noexcept {
  if (current_settings.exempt.is_empty() || !may_ask_sockets()) return false;
  const errno_kept kept;
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  return getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
         current_settings.exempt.contain(peer);
}

void note_drained(const core::drain_result& result) noexcept {
  report::arena_drained(result);
  live::left_behind(result.survivor_blocks, result.survivor_bytes);
}

/// What it held at most is to be seen after its end.
void show_peak(const record& closed, core::handle arena) noexcept {
  core::glance seen{};
  if (live::own_segment() == nullptr || !core::glance_at(arena, seen)) return;
  live::arena_ends(last_id_of(closed), seen.peak_bytes);
}

/// Ends an arena; its survivors stay valid unless they are to be released.
void end_arena(core::handle arena, bool releases) noexcept {
  core::drain_result result{};
  const bool has_ended = [&] {
    const inside_core inside;
    report::arena_ends(arena);
    return releases ? core::retire_arena(arena, &result) : core::drain_arena(arena, &result);
  }();
  if (has_ended) note_drained(result);
}

void end_now(record& closed) noexcept {
  if (const core::handle arena = closed.arena.exchange(0)) {
    show_peak(closed, arena);
    end_arena(arena, !closed.was_closed_unseen.load() && releases_survivors());
  }
  note_ended_connection();
  live::ended(last_id_of(closed));
  free_records.give_back(closed.free_link.load(std::memory_order_relaxed), closed);
}

/// Its servers are quiet.
bool end_quiet(ending& quiet, std::size_t& bytes_left) noexcept {
  auto& closed = static_cast<record&>(quiet);
  const std::size_t bytes = core::footprint(closed.arena.load(std::memory_order_relaxed));
  if (bytes > bytes_left) return false;
  bytes_left -= bytes;
  end_now(closed);
  return true;
}

/// Ends a closed connection that has no live block. Pre: outside the core.
bool end_if_empty(ending& ended) noexcept {
  auto& closed = static_cast<record&>(ended);
  if (const core::handle arena = closed.arena.load()) {
    const inside_core inside;
    show_peak(closed, arena);
    core::drain_result result{};
    if (!core::drain_empty_arena(arena, &result)) return false;
    closed.arena.store(0);
    note_drained(result);
  }
  end_now(closed);
  return true;
}

/// A thread that never waits does not leave what it closes behind: what has become
/// empty since the last close ends at this one.
void close_connection(record& closed) noexcept {
  report::connection_closed(closed.forks);
  live::closed(last_id_of(closed));
  // What it holds is on its way back.
  if (are_connections_watched()) core::excuse_arena(closed.arena.load());
  if (is_inside_core()) return end_when_quiet(closed, end_quiet);
  try_last_closed(end_if_empty);
  if (!end_if_empty(closed)) end_when_quiet(closed, end_quiet);
  do_what_is_left();
}

/// Opens the arena of a connection that may end meanwhile. The record's arena is
/// written before its life is read, and what ends it does the reverse: one of
/// the two sees the other.
core::handle open_arena(connection_id connection, record& of) noexcept {
  const errno_kept kept;
  const inside_core inside;
  const core::handle opened = core::open_arena(SIZE_MAX, arenas_of_connections);
  if (opened == 0) return 0;
  core::handle present = 0;
  if (!of.arena.compare_exchange_strong(present, opened)) {
    end_arena(opened, false);
    return present;
  }
  report::arena_opened();
  if (are_connections_watched()) core::watch_arena(opened, of.is_exempt.load());
  if (is_alive(of.life.load(), connection)) return opened;
  core::handle mine = opened;
  if (of.arena.compare_exchange_strong(mine, 0)) end_arena(opened, false);
  return 0;
}

}  // namespace

connection_id begin_connection(int fd) noexcept {
  const std::uint32_t index = free_records.take(records);
  record* const made = records.make(index);
  if (made == nullptr) return 0;
  const std::uint64_t last_life = made->life.load(std::memory_order_relaxed);
  const auto generation = static_cast<std::uint32_t>(last_life >> generation_bit) + 1;
  made->servers.store(0, std::memory_order_relaxed);
  made->identity = asks_for_identity() ? identity_of(fd) : 0;
  made->was_closed_unseen.store(false, std::memory_order_relaxed);
  made->is_exempt.store(is_exempt(fd), std::memory_order_relaxed);
  made->is_leaving.store(false, std::memory_order_relaxed);
  made->is_shut.store(false, std::memory_order_relaxed);
  made->fd.store(fd, std::memory_order_relaxed);
  made->forks = report::forks_before;
  made->free_link.store(index, std::memory_order_relaxed);
  made->life.store(std::uint64_t{generation} << generation_bit | 1);
  report::connection_opened();
  const connection_id begun = named(generation, index);
  live::opened(begun, fd);
  return begun;
}

bool leads_to(int fd, connection_id connection) noexcept {
  if (!current_settings.releases_survivors) return true;
  const record* const at = records.find(index_of(connection));
  return at != nullptr && at->identity != 0 && at->identity == identity_of(fd) &&
         is_surely_own_process();
}

void note_unseen_close(connection_id connection) noexcept {
  record* const at = records.find(index_of(connection));
  if (at == nullptr || !is_alive(at->life.load(std::memory_order_relaxed), connection)) return;
  at->was_closed_unseen.store(true);
}

bool add_descriptor(connection_id connection) noexcept {
  record* const at = records.find(index_of(connection));
  if (at == nullptr) return false;
  std::uint64_t life = at->life.load(std::memory_order_relaxed);
  while (is_alive(life, connection)) {
    if (at->life.compare_exchange_weak(life, life + 1)) return true;
  }
  return false;
}

void drop_descriptor(connection_id connection) noexcept {
  record* const at = records.find(index_of(connection));
  if (at == nullptr) return;
  const errno_kept kept;
  std::uint64_t life = at->life.load(std::memory_order_relaxed);
  while (is_alive(life, connection)) {
    if (!at->life.compare_exchange_weak(life, life - 1)) continue;
    if ((life & descriptors_mask) == 1) close_connection(*at);
    return;
  }
}

void prepare_connections() noexcept { static_cast<void>(records.make(0)); }

void note_server(connection_id connection) noexcept {
  record* const at = records.find(index_of(connection));
  if (at != nullptr) add_server(*at);
}

core::handle arena_of(connection_id connection) noexcept {
  record* const at = records.find(index_of(connection));
  if (at == nullptr || !is_alive(at->life.load(std::memory_order_relaxed), connection)) return 0;
  const core::handle arena = at->arena.load(std::memory_order_relaxed);
  return arena != 0 ? arena : open_arena(connection, *at);
}

std::uint32_t detail::connections_end() noexcept { return free_records.end(); }

bool detail::view_connection(std::uint32_t index, connection_view& seen) noexcept {
  const record* const at = records.find(index);
  if (at == nullptr) return false;
  const std::uint64_t life = at->life.load();
  const bool is_open = (life & descriptors_mask) != 0;
  seen = {named(static_cast<std::uint32_t>(life >> generation_bit), index),
          at->arena.load(),
          is_open,
          at->is_exempt.load(std::memory_order_relaxed),
          at->is_leaving.load(),
          at->is_shut.load()};
  // Of one that ends meanwhile, and of the next in its place.
  return life == at->life.load() && (is_open || seen.arena != 0);
}

bool begin_leaving(connection_id connection) noexcept {
  record* const at = records.find(index_of(connection));
  if (at == nullptr || !is_alive(at->life.load(), connection)) return false;
  if (at->is_leaving.exchange(true)) return false;
  const core::handle arena = at->arena.load();
  if (arena != 0) core::excuse_arena(arena);
  return true;
}

void note_shut_down(connection_id connection) noexcept {
  record* const at = records.find(index_of(connection));
  if (at != nullptr && is_alive(at->life.load(), connection)) at->is_shut.store(true);
}

std::size_t held_by(connection_id connection) noexcept {
  return core::footprint(present_arena_of(connection));
}

int usual_descriptor_of(connection_id connection) noexcept {
  const record* const at = records.find(index_of(connection));
  return at != nullptr ? at->fd.load(std::memory_order_relaxed) : -1;
}

bool is_socket_of(int fd, connection_id connection) noexcept {
  const record* const at = records.find(index_of(connection));
  return at != nullptr && (at->identity == 0 || at->identity == identity_of(fd));
}

core::handle present_arena_of(connection_id connection) noexcept {
  const record* const at = records.find(index_of(connection));
  if (at == nullptr) return 0;
  const core::handle arena = at->arena.load(std::memory_order_relaxed);
  const std::uint64_t life = at->life.load();
  return life >> generation_bit == generation_of(connection) ? arena : 0;
}

}  // namespace connarena::shim
