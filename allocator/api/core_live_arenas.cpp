#include <algorithm>

#include "api/core.hpp"
#include "api/live_arenas.hpp"
#include "arena/arenas.hpp"
#include "base/units.hpp"
#include "os/os.hpp"
#include "os/patience.hpp"

namespace connarena::core {
namespace {

using live::arena_names;
using live::row;
using live::segment;

constexpr auto relaxed = std::memory_order_relaxed;
constexpr std::int64_t ns_a_ms = 1'000'000;
// A look takes for each arena some loads: at most a 500th of the time.
constexpr std::int64_t least_pause_ns = 50 * ns_a_ms;
constexpr std::int64_t ns_an_arena = 100;
constexpr std::int64_t ration = 500;
// All arenas are visited for the exact footprint.
constexpr std::int64_t exact_ration = 50 * ration;

constinit std::atomic<bool> is_begun{false};
constinit std::atomic<bool> is_looking{false};
constinit std::atomic<bool> is_look_wanted{false};
constinit std::atomic<std::int64_t> no_look_before_ns{0};
constinit std::atomic<std::size_t> shown_bytes{0};  ///< live and retained, at the last look

/// Of whoever has looked: it is the same for all of a process.
constinit std::atomic<const looker*> last_looker{nullptr};

// By who is looking.
std::int64_t no_exact_before_ns = 0;
std::size_t slack_bytes = 0;

std::size_t bytes_held() noexcept {
  const held_bytes held = held_by_process();
  return held.live_bytes + held.retained_bytes;
}

/// The number of a name, which is added if it is new; 0: none.
std::uint8_t number_of(const char* name, arena_names& among) noexcept {
  if (name == nullptr) return 0;
  constexpr std::size_t most_length = arena_names::most_bytes - 1;
  const std::size_t length = strnlen(name, most_length);
  const std::size_t count = std::max<std::size_t>(among.count.load(relaxed), 1);
  for (std::size_t i = 1; i < count; ++i) {
    if (std::strncmp(among.texts[i], name, length) == 0 && among.texts[i][length] == '\0') {
      return static_cast<std::uint8_t>(i);
    }
  }
  const std::size_t made = std::min(count, arena_names::most - 1);
  const bool is_last = made == arena_names::most - 1;
  std::memcpy(among.texts[made], is_last ? "..." : name, is_last ? sizeof "..." : length);
  // release: a reader that knows the number finds the name
  among.count.store(static_cast<std::uint8_t>(made + 1), std::memory_order_release);
  return static_cast<std::uint8_t>(made);
}

void end_if_shown(segment& in, std::uint32_t index, std::int64_t now_ns) noexcept {
  row& its = in.arenas[index];
  if (its.id.load(relaxed) == 0) return;
  live::end_row(in.all, its, now_ns);
  in.all.closed.fetch_add(1, relaxed);
}

/// False if there is no room for it.
bool show(segment& in, handle arena, const char* name, std::int64_t now_ns) noexcept {
  const std::uint32_t index = lane_index_of(arena);
  if (index >= live::detail::arenas_room.load(relaxed)) return false;
  row& its = in.arenas[index];
  if (its.id.load(relaxed) != arena) {
    end_if_shown(in, index, now_ns);
    live::begin_row(its, arena, 0, number_of(name, in.names), now_ns);
    live::raise_end(in.all.arenas_end, index + 1);
    in.all.opened.fetch_add(1, relaxed);
  }
  const std::uint32_t changes = changes_of(arena);
  glance seen{};
  if (changes == its.changes.load(relaxed) || !glance_at(arena, seen)) return true;
  its.changes.store(changes, relaxed);
  its.active_ns.store(now_ns, relaxed);
  its.live_bytes.store(seen.live_bytes, relaxed);
  its.peak_bytes.store(seen.peak_bytes, relaxed);
  its.footprint_bytes.store(seen.footprint_bytes, relaxed);
  its.limit_kib.store(
      static_cast<std::uint32_t>(std::min<std::size_t>(seen.limit_bytes / kib, UINT32_MAX)),
      relaxed);
  its.blocks.store(static_cast<std::uint32_t>(std::min<std::size_t>(seen.blocks, UINT32_MAX)),
                   relaxed);
  return true;
}

/// Gives how many arenas there are.
std::int64_t look_at_arenas(segment& in, const looker& as, std::int64_t now_ns) noexcept {
  std::int64_t count = 0;
  std::uint64_t unlisted = 0;
  std::uint32_t index = 1;  // what lies before has been looked at
  const auto end_until = [&](std::uint64_t until) {
    const std::uint64_t known = in.all.arenas_end.load(relaxed);
    for (; index < std::min(until, known); ++index) end_if_shown(in, index, now_ns);
  };
  for (handle each = next_arena(0); each != 0; each = next_arena(each), ++count) {
    const char* const name = name_of(each);
    if (name != nullptr && name == as.others) continue;
    end_until(lane_index_of(each));
    if (!show(in, each, name, now_ns)) ++unlisted;
    index = lane_index_of(each) + 1;
  }
  end_until(segment::most_rows);
  if (as.shows_totals) in.all.unlisted.store(unlisted, relaxed);
  return count;
}

void show_totals(segment& in, std::int64_t arenas, std::int64_t now_ns) noexcept {
  const held_bytes held = held_by_process();
  const std::size_t counted = held.live_bytes + held.retained_bytes;
  if (now_ns >= no_exact_before_ns) {
    connarena_process_stats exact{};
    process_counters(&exact);
    slack_bytes = exact.footprint_bytes > counted ? exact.footprint_bytes - counted : 0;
    no_exact_before_ns = now_ns + std::max(arenas * ns_an_arena * exact_ration, least_pause_ns);
  }
  in.all.live_bytes.store(held.live_bytes, relaxed);
  in.all.retained_bytes.store(held.retained_bytes, relaxed);
  in.all.footprint_bytes.store(counted + slack_bytes, relaxed);
  in.all.looked_ns.store(now_ns, relaxed);
}

void look(segment& in, const looker& as) noexcept {
  const std::int64_t now_ns = os::coarse_now_ns();
  shown_bytes.store(bytes_held(), relaxed);
  const std::int64_t arenas = look_at_arenas(in, as, now_ns);
  if (as.shows_totals) show_totals(in, arenas, now_ns);
  no_look_before_ns.store(now_ns + std::max(arenas * ns_an_arena * ration, least_pause_ns),
                          relaxed);
}

}  // namespace

void show_arenas(const looker& as) noexcept {
  is_begun.store(true, relaxed);
  last_looker.store(&as, relaxed);
  segment* const own = live::own_segment();
  if (own == nullptr) return;
  // Who is looking sees the wish, or has ended and this thread looks.
  is_look_wanted.store(true);
  while (is_look_wanted.load() && !is_looking.exchange(true)) {
    while (is_look_wanted.exchange(false)) look(*own, as);
    is_looking.store(false);
  }
}

int show_arenas_again(const looker& as) noexcept {
  if (!is_begun.load(relaxed) || live::own_segment() == nullptr) return -1;
  const std::int64_t left_ns = no_look_before_ns.load(relaxed) - os::coarse_now_ns();
  if (left_ns > 0) {
    const bool is_behind = shown_bytes.load(relaxed) != bytes_held();
    return is_behind ? static_cast<int>((left_ns + ns_a_ms - 1) / ns_a_ms) : -1;
  }
  show_arenas(as);
  return -1;
}

void give_up_unused_rows() noexcept {
  // Who looks may begin to use any row.
  for (patience waiting; is_looking.exchange(true);) waiting.wait();
  live::give_up_unused();
  is_looking.store(false);
  const looker* const as = last_looker.load(relaxed);
  // Whoever wanted a look meanwhile left it to this thread.
  if (as != nullptr && is_look_wanted.load()) show_arenas(*as);
}

void forget_look() noexcept {
  is_looking.store(false);
  is_look_wanted.store(false);
}

}  // namespace connarena::core
