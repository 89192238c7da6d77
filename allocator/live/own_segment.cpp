#include "live/own_segment.hpp"

#include <cstddef>

#include "base/units.hpp"
#include "os/os.hpp"

namespace connarena::live {
namespace {

constexpr std::int64_t ns_a_ms = 1'000'000;
constexpr std::size_t arenas_begin = offsetof(segment, arenas);
constexpr std::size_t connections_begin = offsetof(segment, connections);

constinit std::atomic<bool> has_connections{false};

static_assert(segment::table_alignment % os::most_page_bytes == 0);

std::size_t bytes_of(std::uint64_t rows) noexcept {
  return round_up(rows * sizeof(row), os::page_bytes());
}

/// Leaves what is used, and what other threads may begin to use while this looks.
void give_up(segment& own, std::size_t begin, const figure<std::uint64_t>& end,
             std::atomic<std::uint64_t>& room) noexcept {
  constexpr std::uint64_t in_the_making = 1024;
  const std::uint64_t used = end.load(std::memory_order_relaxed);
  const std::uint64_t stay = used != 0 ? used + in_the_making : 0;
  const std::uint64_t before = room.load(std::memory_order_relaxed);
  if (stay >= before) return;
  room.store(stay, std::memory_order_relaxed);
  if (bytes_of(stay) == bytes_of(before)) return;
  os::unshare(reinterpret_cast<char*>(&own) + begin + bytes_of(stay),
              bytes_of(before) - bytes_of(stay));
}

/// Unless another thread has, and some of it may have been given up since.
void make_room(std::atomic<std::uint64_t>& room) noexcept {
  std::uint64_t none = 0;
  room.compare_exchange_strong(none, segment::most_rows);
}

/// A reader takes what has none for no segment.
void set_magic(head& of) noexcept {
  std::uint64_t word = 0;
  static_assert(sizeof word == sizeof segment_magic);
  std::memcpy(&word, segment_magic, sizeof word);
  // release: pairs with nobody in this process; what was written before comes first
  std::atomic_ref<std::uint64_t>(*reinterpret_cast<std::uint64_t*>(of.magic))
      .store(word, std::memory_order_release);
}

}  // namespace

bool make_own_segment(tables what, const process_label& label) noexcept {
  const bool has_both = what == tables::arenas_and_connections;
  const std::size_t bytes = has_both ? sizeof(segment) : connections_begin;
  auto* const made = static_cast<segment*>(os::share(bytes));
  if (made == nullptr) return false;
  head& all = made->all;
  all.start_ticks = label.start_ticks;
  std::memcpy(all.program, label.program, strnlen(label.program, sizeof all.program - 1));
  all.retain_bytes = label.retain_bytes;
  all.looked_ns.store(os::coarse_now_ns(), std::memory_order_relaxed);
  set_magic(all);
  // Who finds the segment finds its rows. Of two that make one both say the same.
  has_connections.store(has_both, std::memory_order_relaxed);
  make_room(detail::arenas_room);
  if (has_both) make_room(detail::connections_room);
  segment* present = nullptr;
  // release: pairs with the acquire in own_segment
  if (!detail::segment_of_process.compare_exchange_strong(present, made)) os::unshare(made, bytes);
  return true;
}

bool forget_own_segment() noexcept {
  segment* const parents = detail::segment_of_process.exchange(nullptr);
  if (parents == nullptr) return false;
  // What was given up in between may be anybody's by now.
  os::unshare(parents, arenas_begin + bytes_of(detail::arenas_room.load()));
  if (has_connections.load() && detail::connections_room.load() != 0) {
    os::unshare(parents->connections, bytes_of(detail::connections_room.load()));
  }
  detail::arenas_room.store(0);
  detail::connections_room.store(0);
  return true;
}

void give_up_unused() noexcept {
  segment* const own = own_segment();
  if (own == nullptr) return;
  give_up(*own, arenas_begin, own->all.arenas_end, detail::arenas_room);
  if (!has_connections.load(std::memory_order_relaxed)) return;
  give_up(*own, connections_begin, own->all.connections_end, detail::connections_room);
}

void raise_end(figure<std::uint64_t>& end, std::uint64_t to) noexcept {
  std::uint64_t present = end.load(std::memory_order_relaxed);
  while (present < to && !end.compare_exchange_weak(present, to)) {
  }
}

void begin_row(row& given, connection_number to, std::int32_t fd, std::uint8_t name,
               std::int64_t now_ns) noexcept {
  given.id.store(0, std::memory_order_relaxed);
  // release: pairs with the fence of a reader before its second look at the id, who finds
  // another id if it has found one of these
  constexpr auto release = std::memory_order_release;
  given.opened_ns.store(now_ns, release);
  given.active_ns.store(now_ns, release);
  for (auto* each : {&given.live_bytes, &given.peak_bytes, &given.footprint_bytes}) {
    each->store(0, release);
  }
  given.blocks.store(0, release);
  given.fd.store(fd, release);
  given.changes.store(0, release);
  given.was_active.store(false, release);
  given.name.store(name, release);
  given.marks.store(0, release);
  given.state.store(row_state::open, release);
  // release: pairs with the acquire of a reader, who sees no figures of an earlier one
  given.id.store(to, std::memory_order_release);
}

void end_row(head& all, row& its, std::int64_t now_ns) noexcept {
  const std::int64_t lifetime_ns = now_ns - its.opened_ns.load(std::memory_order_relaxed);
  count(all.ended_lifetimes, lifetime_bounds_ms,
        static_cast<std::uint64_t>(lifetime_ns > 0 ? lifetime_ns / ns_a_ms : 0));
  count(all.ended_peaks, size_bounds, its.peak_bytes.load(std::memory_order_relaxed));
  // release: what was counted here comes before the row is another's
  its.id.store(0, std::memory_order_release);
}

}  // namespace connarena::live
