#include "shim/live/publisher.hpp"

#include <unistd.h>

#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/report/process_state.hpp"
#include "shim/report/program_name.hpp"
#include "shim/settings/settings.hpp"

namespace connarena::shim::live {
namespace {

void add(figure<std::uint64_t>& to, std::uint64_t count) noexcept {
  to.fetch_add(count, std::memory_order_relaxed);
}

bool make_segment() noexcept {
  const errno_kept kept;
  return make_own_segment(tables::arenas_and_connections,
                          {report::program_name(), report::process_of(getpid()).start_ticks,
                           current_settings.retain_bytes});
}

/// False where there is no row for it.
bool give_row(segment& in, connection_number connection, std::int32_t fd) noexcept {
  row* const begun = row_of(connection);
  if (begun == nullptr) return false;
  begin_row(*begun, connection, fd, 0, coarse_now_ns());
  raise_end(in.all.connections_end, row_number_of(connection) + 1);
  return true;
}

row* present_row_of(connection_number connection) noexcept {
  row* const found = row_of(connection);
  const bool is_its = found != nullptr && found->id.load(std::memory_order_relaxed) == connection;
  return is_its ? found : nullptr;
}

}  // namespace

void start() noexcept {
  if (!current_settings.live) return;
  report::note_program();
  static_cast<void>(make_segment());
}

void forget_parents() noexcept {
  if (forget_own_segment()) detail::is_due.store(true);
}

void make_if_due() noexcept {
  // A sandbox may not allow it; whoever enters one comes here before.
  if (!is_due() || !detail::is_due.exchange(false) || !may_name_files()) return;
  detail::lacks_inherited.store(make_segment());
}

bool make_now() noexcept {
  make_if_due();
  if (own_segment() == nullptr) {
    report::note_program();
    detail::lacks_inherited.store(make_segment());
  }
  return own_segment() != nullptr;
}

bool inherited(connection_number connection, std::int32_t fd) noexcept {
  segment* const own = own_segment();
  if (own == nullptr || present_row_of(connection) != nullptr) return false;
  if (!give_row(*own, connection, fd)) return false;
  add(own->all.inherited, 1);
  return true;
}

void ended_unseen(connection_number connection) noexcept {
  row* const its = present_row_of(connection);
  if (its == nullptr || its->state.load(std::memory_order_relaxed) != row_state::open) return;
  detail::note_closed(connection);
  detail::note_ended(connection);
}

void copied(connection_number connection, std::int32_t fd) noexcept {
  if (row* const its = present_row_of(connection)) its->fd.store(fd, std::memory_order_relaxed);
}

void left_behind(std::uint64_t survivor_blocks, std::uint64_t survivor_bytes) noexcept {
  segment* const own = own_segment();
  if (own == nullptr || survivor_blocks == 0) return;
  add(own->all.survivor_blocks, survivor_blocks);
  add(own->all.survivor_bytes, survivor_bytes);
}

void disconnected(connection_number connection) noexcept {
  segment* const own = own_segment();
  if (own == nullptr) return;
  add(own->all.disconnected, 1);
  if (row* const its = present_row_of(connection)) {
    its->marks.fetch_or(row_mark::disconnected, std::memory_order_relaxed);
  }
}

void refused() noexcept {
  if (segment* const own = own_segment()) add(own->all.refused, 1);
}

void detail::note_opened(connection_number connection, std::int32_t fd) noexcept {
  make_if_due();
  segment* const own = own_segment();
  if (own == nullptr) return;
  touch();
  add(own->all.opened, 1);
  if (!give_row(*own, connection, fd)) add(own->all.unlisted, 1);
}

void detail::note_closed(connection_number connection) noexcept {
  segment* const own = own_segment();
  if (own == nullptr) return;
  row* const its = present_row_of(connection);
  // One that began before there were figures, and was not found by now, was not counted.
  if (its == nullptr && row_of(connection) != nullptr) return;
  add(own->all.closed, 1);
  touch();
  if (its != nullptr) its->state.store(row_state::draining, std::memory_order_relaxed);
}

void detail::note_ended(connection_number connection) noexcept {
  segment* const own = own_segment();
  row* const its = present_row_of(connection);
  if (own == nullptr || its == nullptr) return;
  end_row(own->all, *its, coarse_now_ns());
}

}  // namespace connarena::shim::live
