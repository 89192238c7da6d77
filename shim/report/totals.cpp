#include "shim/report/totals.hpp"

#include <algorithm>
#include <ctime>

#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/report/process_state.hpp"

namespace connarena::shim::report {
namespace {

std::int64_t since_1970_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1000000000} + now.tv_nsec;
}

/// When it ended; of one that was killed nobody wrote it down, and of one that runs it is
/// now.
std::int64_t last_seen_ns(const counters& process) noexcept {
  const std::int64_t ended_ns = process.ended_ns.load();
  return ended_ns != 0 ? ended_ns : since_1970_ns();
}

const counters* longest_of(const ledger& family) noexcept {
  const counters* longest = &family.processes[0];
  for (const counters& each : family.processes) {
    const bool has_ended = each.pid.load() > 0 && each.ended_ns.load() != 0;
    if (has_ended && age_ns(each) > age_ns(*longest)) longest = &each;
  }
  return longest;
}

}  // namespace

process_state state_of(const counters& process) noexcept {
  if (process.ended_ns.load() != 0) return process_state::ended;
  const bool may_run = !may_name_files() || is_running(process);
  return may_run ? process_state::running : process_state::killed;
}

bool has_connections(const counters& process) noexcept {
  return read(process.connections_opened) + read(process.connections_closed) +
             read(process.arenas_opened) !=
         0;
}

bool is_of_interest(const counters& process) noexcept {
  return process.pid.load() > 0 &&
         (has_connections(process) || state_of(process) == process_state::running);
}

std::int64_t age_ns(const counters& process) noexcept {
  return last_seen_ns(process) - process.started_ns;
}

std::uint64_t totals::processes() const noexcept {
  return of_state_[0] + of_state_[1] + of_state_[2];
}

std::uint64_t totals::footprint_bytes() const noexcept {
  const bool does_any_run = processes_that(process_state::running) != 0;
  return does_any_run ? running_bytes_ : last_bytes_;
}

void totals::include(const counters& process) noexcept {
  const process_state state = state_of(process);
  ++of_state_[static_cast<std::size_t>(state)];
  pid_ = process.pid.load();
  earliest_ns_ = std::min(earliest_ns_, process.started_ns);
  const std::int64_t last_ns = last_seen_ns(process);
  latest_ns_ = std::max(latest_ns_, last_ns);
  if (state == process_state::running) running_bytes_ += read(process.footprint_bytes);
  if (last_ns < last_end_ns_) return;
  last_end_ns_ = last_ns;
  last_bytes_ = read(process.footprint_bytes);
}

void totals::include_family(const ledger& family) noexcept {
  if (*program_ == '\0') program_ = family.program;
  peak_bytes_ += read(family.peak_footprint_bytes);
  retain_bytes_ = family.retain_bytes;
}

void totals::add(const ledger& family) noexcept {
  const std::uint64_t before = processes();
  add_figures(family.earlier, sums_);
  of_state_[static_cast<std::size_t>(process_state::ended)] += read(family.processes_before);
  for (const counters& each : family.processes) {
    add_figures(each, sums_);
    if (is_of_interest(each)) include(each);
  }
  if (processes() != before) include_family(family);
  if (first_ == nullptr) first_ = &family;
}

void totals::conclude() noexcept {
  if (processes() != 0 || first_ == nullptr) return;
  include(*longest_of(*first_));
  include_family(*first_);
}

void totals::add(const ledger& family, const counters& process) noexcept {
  add_figures(process, sums_);
  include(process);
  include_family(family);
  peak_bytes_ = read(process.peak_footprint_bytes);
}

}  // namespace connarena::shim::report
