#include "shim/live/publisher.hpp"

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/report/process_state.hpp"
#include "shim/report/program_name.hpp"
#include "shim/settings/settings.hpp"

namespace connarena::shim::live {
namespace {

constexpr std::size_t page = core::page_bytes;
constexpr std::size_t segment_bytes = (sizeof(segment) + page - 1) / page * page;

constinit std::atomic<std::size_t> mapped_bytes{segment_bytes};

void add(figure<std::uint64_t>& to, std::uint64_t count) noexcept {
  to.fetch_add(count, std::memory_order_relaxed);
}

/// Memory of the system's, read and written by the user alone, that goes when the last
/// process that has it ends or becomes another program.
void* make_shared_memory() noexcept {
  const int number = shmget(IPC_PRIVATE, segment_bytes, IPC_CREAT | SHM_NORESERVE | 0600);
  if (number < 0) return nullptr;
  void* const memory = shmat(number, nullptr, 0);
  shmctl(number, IPC_RMID, nullptr);
  // shmat says -1 where it fails.
  if (reinterpret_cast<std::intptr_t>(memory) == -1) return nullptr;
  madvise(memory, segment_bytes, MADV_DONTDUMP);
  madvise(memory, segment_bytes, MADV_NOHUGEPAGE);
  return memory;
}

void make_segment() noexcept {
  const errno_kept kept;
  auto* const made = static_cast<segment*>(make_shared_memory());
  if (made == nullptr) return;
  head& all = made->all;
  all.start_ticks = report::process_of(getpid()).start_ticks;
  const char* const name = report::program_name();
  std::memcpy(all.program, name, strnlen(name, sizeof all.program - 1));
  all.retain_bytes = current_settings.retain_bytes;
  all.looked_ns.store(now_ns(), std::memory_order_relaxed);
  detail::rows_room.store(segment::most_rows, std::memory_order_relaxed);
  mapped_bytes.store(segment_bytes, std::memory_order_relaxed);
  // A reader takes what has no magic for no segment.
  std::atomic_thread_fence(std::memory_order_release);
  std::memcpy(all.magic, segment_magic, sizeof all.magic);
  // release: pairs with the acquire in own_segment
  detail::segment_of_process.store(made, std::memory_order_release);
}

void raise_end(head& all, std::uint64_t end) noexcept {
  std::uint64_t present = all.rows_end.load(std::memory_order_relaxed);
  while (present < end && !all.rows_end.compare_exchange_weak(present, end)) {
  }
}

/// False where there is no row for it.
bool begin_row(segment& in, connection_number connection, std::int32_t fd) noexcept {
  row* const begun = row_of(connection);
  if (begun == nullptr) return false;
  const std::int64_t now = coarse_now_ns();
  // release: figures that are another connection's come with another id
  begun->id.store(0, std::memory_order_release);
  begun->opened_ns.store(now, std::memory_order_relaxed);
  begun->active_ns.store(now, std::memory_order_relaxed);
  for (auto* each : {&begun->live_bytes, &begun->peak_bytes, &begun->footprint_bytes}) {
    each->store(0, std::memory_order_relaxed);
  }
  begun->blocks.store(0, std::memory_order_relaxed);
  begun->fd.store(fd, std::memory_order_relaxed);
  begun->changes.store(0, std::memory_order_relaxed);
  begun->was_active.store(false, std::memory_order_relaxed);
  begun->state.store(row_state::open, std::memory_order_relaxed);
  // release: pairs with the acquire of a reader, who sees no figures of an earlier one
  begun->id.store(connection, std::memory_order_release);
  raise_end(in.all, row_number_of(connection) + 1);
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
  make_segment();
}

void forget_parents() noexcept {
  segment* const parents = detail::segment_of_process.exchange(nullptr);
  if (parents == nullptr) return;
  detail::is_due.store(true);
  munmap(parents, mapped_bytes.load());
}

void make_if_due() noexcept {
  // A sandbox may not allow it; whoever enters one comes here before.
  if (!is_due() || !detail::is_due.exchange(false) || !may_name_files()) return;
  make_segment();
  detail::lacks_inherited.store(own_segment() != nullptr);
}

void give_up_unused() noexcept {
  segment* const own = own_segment();
  if (own == nullptr) return;
  // So many may be begun by other threads while this looks.
  constexpr std::uint64_t in_the_making = 1024;
  const std::uint64_t stay = own->all.rows_end.load() + in_the_making;
  const std::size_t bytes = (offsetof(segment, rows) + stay * sizeof(row) + page - 1) / page * page;
  const std::size_t before = mapped_bytes.load();
  if (bytes >= before) return;
  detail::rows_room.store(stay);
  mapped_bytes.store(bytes);
  munmap(reinterpret_cast<char*>(own) + bytes, before - bytes);
}

void inherited(connection_number connection, std::int32_t fd) noexcept {
  segment* const own = own_segment();
  if (present_row_of(connection) != nullptr) return;
  if (own != nullptr && begin_row(*own, connection, fd)) add(own->all.inherited, 1);
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

void detail::note_opened(connection_number connection, std::int32_t fd) noexcept {
  make_if_due();
  segment* const own = own_segment();
  if (own == nullptr) return;
  touch();
  add(own->all.opened, 1);
  if (!begin_row(*own, connection, fd)) add(own->all.unlisted, 1);
}

void detail::note_closed(connection_number connection) noexcept {
  segment* const own = own_segment();
  if (own == nullptr) return;
  add(own->all.closed, 1);
  touch();
  if (row* const its = present_row_of(connection)) {
    its->state.store(row_state::draining, std::memory_order_relaxed);
  }
}

void detail::note_ended(connection_number connection) noexcept {
  segment* const own = own_segment();
  row* const its = present_row_of(connection);
  if (own == nullptr || its == nullptr) return;
  const std::int64_t lifetime_ns = coarse_now_ns() - its->opened_ns.load(std::memory_order_relaxed);
  count(own->all.ended_lifetimes, lifetime_bounds_ms,
        static_cast<std::uint64_t>(lifetime_ns > 0 ? lifetime_ns : 0) / ns_a_ms);
  count(own->all.ended_peaks, size_bounds, its->peak_bytes.load(std::memory_order_relaxed));
  its->id.store(0, std::memory_order_release);
}

}  // namespace connarena::shim::live
