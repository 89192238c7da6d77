#include "shim/lifetime/live_rows.hpp"

#include <algorithm>
#include <cstring>

#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/lifetime/connections.hpp"
#include "shim/lifetime/current_limits.hpp"
#include "shim/lifetime/descriptor_table.hpp"
#include "shim/lifetime/idle.hpp"
#include "shim/lifetime/requests.hpp"
#include "shim/report/call_sites.hpp"
#include "shim/report/footprint.hpp"

namespace connarena::shim {

constinit thread_local unsigned detail::turns = 0;

namespace {

using live::row;
using live::segment;

// So many rows take some 100 us, and come after 500 times as long as the last did.
constexpr std::uint64_t rows_at_once = 1024;
constexpr std::int64_t ration = 500;
constexpr std::int64_t least_pause_ns = 50 * ns_a_ms;
// All arenas are visited for the process's exact footprint, in a quiet moment.
constexpr std::int64_t exact_ration = 2000;

constinit std::atomic<bool> is_looking{false};
constinit std::atomic<std::int64_t> no_look_before_ns{0};
constinit std::atomic<std::uint64_t> rows_left{0};
constinit std::atomic<std::size_t> held_at_look{0};

// By who is looking.
std::uint64_t next_row = 1;
std::int64_t no_exact_before_ns = 0;
std::size_t slack_bytes = 0;
std::int64_t no_blocks_before_ns = 0;

void write(row& to, const core::glance& seen) noexcept {
  constexpr auto relaxed = std::memory_order_relaxed;
  to.live_bytes.store(seen.live_bytes, relaxed);
  to.peak_bytes.store(seen.peak_bytes, relaxed);
  to.footprint_bytes.store(seen.footprint_bytes, relaxed);
  to.blocks.store(static_cast<std::uint32_t>(std::min<std::size_t>(seen.blocks, UINT32_MAX)),
                  relaxed);
}

void write(live::asked_blocks::block& to, const report::sited_block& seen) noexcept {
  static_assert(live::asked_blocks::most_frames == report::call_site::most_frames);
  to.bytes.store(seen.bytes, std::memory_order_relaxed);
  for (std::size_t i = 0; i < report::call_site::most_frames; ++i) {
    to.frames[i].store(seen.frames != nullptr ? seen.frames[i] : 0, std::memory_order_relaxed);
  }
}

void write_modules(live::asked_blocks& to) noexcept {
  for (std::size_t i = 1; i < live::asked_blocks::most_modules; ++i) {
    const report::code_module& from = report::module_of(i);
    static_assert(sizeof from.path == sizeof to.modules[i].path);
    static_assert(sizeof from.label == sizeof to.modules[i].label);
    std::memcpy(to.modules[i].path, from.path, sizeof from.path);
    std::memcpy(to.modules[i].label, from.label, sizeof from.label);
  }
}

void mark(row& its, connection_id connection) noexcept {
  connection_view seen{};
  if (!detail::view_connection(index_of(connection), seen) || seen.id != connection) return;
  const int marks = (seen.is_exempt ? live::row_mark::exempt : 0) |
                    (seen.is_shut ? live::row_mark::disconnected : 0);
  its.marks.store(static_cast<std::uint8_t>(marks), std::memory_order_relaxed);
}

/// A connection that began before there were figures. Another thread may close it meanwhile,
/// and has then found no row of it.
void show_present(connection_id connection, int fd) noexcept {
  if (!live::inherited(connection, fd)) return;
  connection_view seen{};
  const bool is_there =
      detail::view_connection(index_of(connection), seen) && seen.id == connection;
  if (!is_there) live::ended_unseen(connection);
}

/// Pre: the row is the connection's. What a thread writes that was held up in here while
/// the row became another's, the look puts right that follows every beginning.
void bring_up_to_date(row& its, connection_id connection) noexcept {
  core::glance seen{};
  const core::handle arena = present_arena_of(connection);
  its.changes.store(core::changes_of(arena), std::memory_order_relaxed);
  if (arena == 0 || core::glance_at(arena, seen)) write(its, seen);
  if (are_connections_watched()) mark(its, connection);
}

/// The descriptor may have been closed while a copy of it stays open.
void check_descriptor(row& its, connection_id connection) noexcept {
  const int fd = its.fd.load(std::memory_order_relaxed);
  if (fd < 0 || its.state.load(std::memory_order_relaxed) != live::row_state::open) return;
  if (connection_at(fd) != connection) its.fd.store(-1, std::memory_order_relaxed);
}

/// 0 where there is none.
std::uint64_t shown_bound(std::size_t bytes) noexcept { return bytes == SIZE_MAX ? 0 : bytes; }

void show_limits(segment& own) noexcept {
  constexpr auto relaxed = std::memory_order_relaxed;
  const limit_choice now = current_limits();
  own.all.limit_bytes.store(shown_bound(now.limit_bytes), relaxed);
  own.all.budget_bytes.store(shown_bound(now.budget_bytes), relaxed);
  own.all.over_limit_fails.store(now.over == over_limit::fails, relaxed);
}

void show_process(segment& own, std::int64_t now) noexcept {
  constexpr auto relaxed = std::memory_order_relaxed;
  const core::held_bytes held = core::held_by_process();
  own.all.live_bytes.store(held.live_bytes, relaxed);
  own.all.retained_bytes.store(held.retained_bytes, relaxed);
  own.all.footprint_bytes.store(held.live_bytes + held.retained_bytes + slack_bytes, relaxed);
  own.all.looked_ns.store(now, relaxed);
  own.asked.is_answered.store(report::is_report_wanted(), relaxed);
  show_limits(own);
  held_at_look.store(core::live_and_retained_bytes(), relaxed);
}

/// A viewer wants to know more of one connection, and may be told.
bool wants_blocks(const segment& own) noexcept {
  if (own.asked.wanted.load(std::memory_order_relaxed) == 0 || !report::is_report_wanted()) {
    return false;
  }
  return coarse_now_ns() < own.asked.wanted_until_ns.load(std::memory_order_relaxed);
}

/// What a viewer wants to know of one connection. All of its blocks are visited: seldom, and
/// not of one with very many.
void show_asked_blocks(segment& own, std::int64_t now) noexcept {
  constexpr auto relaxed = std::memory_order_relaxed;
  constexpr std::uint32_t most_blocks = 100000;
  live::asked_blocks& asked = own.asked;
  const connection_id wanted = asked.wanted.load(relaxed);
  if (!wants_blocks(own) || now < no_blocks_before_ns || is_inside_core() || !may_tidy()) return;
  const row* const its = live::row_of(wanted);
  const bool is_there = its != nullptr && its->id.load(relaxed) == wanted;
  if (!is_there || its->blocks.load(relaxed) > most_blocks) return;
  report::sited_block found[live::asked_blocks::most];
  const std::size_t count = [&] {
    const inside_core inside;
    return report::largest_blocks(present_arena_of(wanted), found, live::asked_blocks::most);
  }();
  asked.of.store(0, relaxed);
  // release: pairs with the fence of a reader before its second look at `of`, who finds
  // another id if it has found any of these blocks
  std::atomic_thread_fence(std::memory_order_release);
  for (std::size_t i = 0; i < count; ++i) write(asked.blocks[i], found[i]);
  write_modules(asked);
  asked.count.store(static_cast<std::uint32_t>(count), relaxed);
  // release: pairs with the acquire of a reader's first look
  asked.of.store(wanted, std::memory_order_release);
  no_blocks_before_ns = now + std::max((now_ns() - now) * ration, ns_a_second);
}

void note_activity(row& its, std::int64_t now) noexcept {
  if (!its.was_active.load(std::memory_order_relaxed)) return;
  its.was_active.store(false, std::memory_order_relaxed);
  its.active_ns.store(now, std::memory_order_relaxed);
}

void look_at_some(segment& own, std::int64_t now) noexcept {
  const std::uint64_t end = own.all.connections_end.load(std::memory_order_relaxed);
  if (live::detail::is_touched.exchange(false, std::memory_order_relaxed)) rows_left.store(end);
  const std::uint64_t count = std::min({rows_at_once, rows_left.load(), end});
  for (std::uint64_t i = 0; i < count; ++i, ++next_row) {
    if (next_row >= end) next_row = 1;
    row* const each = live::row_of(next_row);
    const connection_id its = each != nullptr ? each->id.load(std::memory_order_relaxed) : 0;
    if (its == 0) continue;
    note_activity(*each, now);
    bring_up_to_date(*each, its);
    check_descriptor(*each, its);
  }
  rows_left.store(rows_left.load() - count);
}

/// The calling thread is the one that looks for as long as this lives, if `is_it()`. No
/// handler jumps out of that: nobody would look again.
class turn {
 public:
  // acquire, release: what one has done the next one sees
  turn() noexcept : is_it_(!is_looking.exchange(true, std::memory_order_acquire)) {}
  ~turn() {
    if (is_it_) is_looking.store(false, std::memory_order_release);
  }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;
  [[nodiscard]] bool is_it() const noexcept { return is_it_; }

 private:
  unbroken here_;
  bool is_it_;
};

}  // namespace

void detail::look_if_due() noexcept {
  if (coarse_now_ns() >= no_look_before_ns.load(std::memory_order_relaxed)) look_at_rows();
}

void detail::show_before_read(connection_id connection) noexcept {
  // Who waits for events looks at rows where he waits.
  if (is_event_thread()) return;
  row* const its = live::row_of(connection);
  if (its == nullptr || its->id.load(std::memory_order_relaxed) != connection) return;
  const std::int64_t now = coarse_now_ns();
  its->was_active.store(false, std::memory_order_relaxed);
  its->active_ns.store(now, std::memory_order_relaxed);
  const core::handle arena = present_arena_of(connection);
  if (core::changes_of(arena) == its->changes.load(std::memory_order_relaxed)) return;
  bring_up_to_date(*its, connection);
  if (now >= no_look_before_ns.load(std::memory_order_relaxed)) look_at_rows();
}

void show_from_start() noexcept {
  live::start();
  if (segment* const own = live::own_segment()) show_limits(*own);
}

void show_inherited() noexcept {
  live::make_if_due();
  if (!live::detail::lacks_inherited.exchange(false)) return;
  if (segment* const own = live::own_segment()) show_limits(*own);
  const std::size_t end = detail::descriptors.end();
  for (std::size_t fd = 0; fd < end; ++fd) {
    const connection_id connection = connection_at(static_cast<int>(fd));
    if (connection > connecting) show_present(connection, static_cast<int>(fd));
  }
  live::touch();
}

void reset_looks_in_child() noexcept { is_looking.store(false); }

bool are_rows_behind() noexcept {
  if (!live::is_wanted() || !may_tidy() || is_inside_core()) return false;
  if (live::is_due() || live::lacks_inherited()) show_inherited();
  const segment* const own = live::own_segment();
  if (own == nullptr) return false;
  if (is_asked(own->requests)) return true;
  if (wants_blocks(*own)) return true;
  if (live::is_touched() || rows_left.load(std::memory_order_relaxed) != 0) return true;
  return core::live_and_retained_bytes() != held_at_look.load(std::memory_order_relaxed);
}

std::int64_t answer_request_after(std::int64_t waited_ns) noexcept {
  constexpr std::int64_t longest_ns = 64 * between_requests_ns;
  static constinit std::atomic<std::int64_t> last_look_ns{0};
  // The core's helper returns, and finds freed, what is idle after all have begun to wait.
  const std::int64_t pause_ns = are_rows_behind() ? look_at_rows() : 0;
  const std::int64_t now = coarse_now_ns();
  const std::int64_t last = last_look_ns.exchange(now, std::memory_order_relaxed);
  const bool do_others = waited_ns >= between_requests_ns && now - last < between_requests_ns / 2;
  if (do_others) return std::min(2 * waited_ns, longest_ns);
  const bool is_more_left = rows_left.load(std::memory_order_relaxed) != 0 && !live::is_touched();
  return is_more_left ? std::max(pause_ns, moment_ns) : between_requests_ns;
}

std::int64_t look_at_rows() noexcept {
  segment* const own = live::own_segment();
  const turn its;
  if (own == nullptr || !its.is_it()) return least_pause_ns;
  if (is_asked(own->requests)) {
    answer_request(own->requests);
    show_limits(*own);
  }
  const std::int64_t start = now_ns();
  const std::int64_t early_ns = no_look_before_ns.load(std::memory_order_relaxed) - start;
  if (early_ns > 0) return early_ns;
  // What has changed while nothing was touched may be anybody's.
  if (rows_left.load() == 0) live::touch();
  look_at_some(*own, start);
  show_asked_blocks(*own, start);
  const std::int64_t end = now_ns();
  show_process(*own, end);
  const std::int64_t pause_ns = std::max((end - start) * ration, least_pause_ns);
  no_look_before_ns.store(end + pause_ns, std::memory_order_relaxed);
  return pause_ns;
}

void show_quiet_process() noexcept {
  segment* const own = live::own_segment();
  const turn its;
  const std::int64_t start = now_ns();
  if (own == nullptr || !its.is_it() || start < no_exact_before_ns) return;
  const std::size_t exact = report::exact_footprint_bytes();
  const core::held_bytes held = core::held_by_process();
  const std::size_t counted = held.live_bytes + held.retained_bytes;
  slack_bytes = exact > counted ? exact - counted : 0;
  const std::int64_t end = now_ns();
  no_exact_before_ns = end + (end - start) * exact_ration;
  show_process(*own, end);
}

}  // namespace connarena::shim
