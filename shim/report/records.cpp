#include "shim/report/records.hpp"

#include <ctime>
#include <unistd.h>

#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/report/process_state.hpp"

namespace connarena::shim::report {
namespace {

/// In the place of a process while its record changes hands.
constexpr std::int32_t changing = -1;

std::int64_t since_1970_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1000000000} + now.tv_nsec;
}

bool begin_change(counters& of, std::int32_t present) noexcept {
  return of.pid.compare_exchange_strong(present, changing);
}

counters* begin(counters& own) noexcept {
  own.seen_ns = since_boot_ns();
  own.started_ns = since_1970_ns();
  own.pid.store(getpid());
  return &own;
}

/// What a process held that was killed is not taken off yet.
void forget_footprint(ledger& of, const counters& record) noexcept {
  if (record.ended_ns.load() == 0) of.footprint_bytes.fetch_sub(read(record.footprint_bytes));
}

counters* take_over(ledger& from, counters& record) noexcept {
  forget_footprint(from, record);
  add_figures(record, from.earlier);
  add(from.processes_before, 1);
  record.~counters();
  new (&record) counters{};
  record.pid.store(changing);
  return begin(record);
}

/// Whether others' states can be asked for; where they cannot, nobody seems to run.
bool may_ask_for_states() noexcept {
  return may_name_files() && is_running(getpid(), since_boot_ns());
}

template <typename HasEnded>
counters* take_over_any(ledger& from, HasEnded has_ended) noexcept {
  // The first is looked at by whoever wants to know of the family.
  for (std::size_t i = 1; i < ledger::most_processes; ++i) {
    counters& record = from.processes[i];
    const std::int32_t pid = record.pid.load();
    if (pid > 0 && has_ended(record) && begin_change(record, pid)) return take_over(from, record);
  }
  return nullptr;
}

}  // namespace

counters* take_record(ledger& from) noexcept {
  for (counters& each : from.processes) {
    if (each.pid.load(std::memory_order_relaxed) == 0 && begin_change(each, 0)) return begin(each);
  }
  const auto says_so = [](const counters& of) { return of.ended_ns.load() != 0; };
  if (counters* const free = take_over_any(from, says_so)) return free;
  if (!may_ask_for_states()) return nullptr;
  return take_over_any(from, [](const counters& of) { return !is_running(of); });
}

void note_footprint(ledger& of, counters& own, std::uint64_t bytes) noexcept {
  if (own.pid.load(std::memory_order_relaxed) <= 0 || own.ended_ns.load() != 0) return;
  const std::uint64_t before = own.footprint_bytes.exchange(bytes, std::memory_order_relaxed);
  raise(own.peak_footprint_bytes, bytes);
  if (before == bytes) return;
  const std::uint64_t change = bytes - before;  // modulo 2^64
  raise(of.peak_footprint_bytes,
        of.footprint_bytes.fetch_add(change, std::memory_order_relaxed) + change);
}

bool note_end(ledger& of, counters& own) noexcept {
  std::int64_t runs = 0;
  if (!own.ended_ns.compare_exchange_strong(runs, since_1970_ns())) return false;
  of.footprint_bytes.fetch_sub(read(own.footprint_bytes));
  return true;
}

}  // namespace connarena::shim::report
