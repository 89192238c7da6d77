#include "shim/report/summary.hpp"

#include <algorithm>
#include <cstring>

namespace connarena::shim::report {
namespace {

constexpr std::size_t value_column = 32;

}  // namespace

value_text bytes_text(std::uint64_t bytes) noexcept {
  constexpr const char* units[] = {" B", " KiB", " MiB", " GiB", " TiB"};
  std::uint64_t tenths = bytes * 10;
  std::size_t unit = 0;
  for (; tenths >= 10240 && unit + 1 < sizeof units / sizeof *units; ++unit) tenths /= 1024;
  value_text value;
  value.add_number(tenths / 10);
  if (unit > 0) value.add(".").add_number(tenths % 10);
  return value.add(units[unit]);
}

namespace {

value_text count_text(std::uint64_t count) noexcept { return value_text{}.add_number(count); }

/// "  label        value", the value ending at its column.
template <typename Text>
void add_line(Text& to, const char* label, const value_text& value,
              const char* remark = "") noexcept {
  const std::size_t line_start = to.size();
  to.add("  ").add(label);
  to.pad_to(line_start + value_column - value.size()).add(value.c_str());
  if (*remark != '\0') to.add("  ").add(remark);
  to.add("\n");
}

/// One process says how it is, several how many are how.
void add_state(summary_text& to, const totals& of) noexcept {
  const value_text age = seconds_text(of.age());
  if (of.processes_that(process_state::running) != 0) {
    to.add("running for ").add(age.c_str());
  } else if (of.processes_that(process_state::ended) != 0) {
    to.add("ended after ").add(age.c_str());
  } else {
    to.add("killed: the figures are the last it wrote");
  }
}

void add_heading(summary_text& to, const totals& of) noexcept {
  to.add("connarena: ").add_name(of.program(), strnlen(of.program(), sizeof(ledger::program)));
  if (of.processes() == 1) {
    to.add(", process ").add_number(static_cast<std::uint64_t>(of.pid()));
  } else {
    to.add(", ").add_number(of.processes()).add(" processes (");
    to.add_number(of.processes_that(process_state::running)).add(" running, ");
    to.add_number(of.processes_that(process_state::ended)).add(" ended, ");
    to.add_number(of.processes_that(process_state::killed)).add(" killed)");
  }
  to.add(", ");
  add_state(to, of);
  to.add("\n");
}

void add_returns(summary_text& to, const counters& sums) noexcept {
  constexpr const char* labels[] = {"returned at closes", "returned soon after",
                                    "returned otherwise"};
  constexpr const char* remarks[] = {"to the system, in the call", "within a second of a close",
                                     "as blocks were freed, or later"};
  for (std::size_t i = 0; i < moments_of_return; ++i) {
    add_line(to, labels[i], bytes_text(read(sums.returned_bytes[i])), remarks[i]);
  }
}

void add_survivors(summary_text& to, const counters& sums) noexcept {
  add_line(to, "survivors, blocks", count_text(read(sums.survivor_blocks)),
           "alive when all who served their connection waited");
  add_line(to, "survivors, bytes", bytes_text(read(sums.survivor_bytes)));
  add_line(to, "connections with any", count_text(read(sums.connections_with_survivors)));
  add_line(to, "most of one", bytes_text(read(sums.most_survivor_bytes)));
  const std::uint64_t late_frees = read(sums.late_frees);
  if (late_frees == 0) return;
  add_line(to, "late frees, ignored", count_text(late_frees),
           "of blocks that were released with their connection");
}

}  // namespace

value_text seconds_text(std::int64_t ns) noexcept {
  const auto tenths = static_cast<std::uint64_t>(ns > 0 ? ns / 100000000 : 0);
  return value_text{}.add_number(tenths / 10).add(".").add_number(tenths % 10).add(" s");
}

outcome_text outcome_of(const totals& of) noexcept {
  const std::uint64_t peak = of.peak_footprint_bytes();
  const std::uint64_t back = peak - std::min(peak, of.footprint_bytes());
  value_text remark;
  const std::uint64_t may_stay = of.retain_bytes() * of.processes();
  if (peak > may_stay) {
    remark.add_number(back * 100 / peak).add(" % of the peak");
  } else {
    remark.add("the peak is within the ").add(bytes_text(may_stay).c_str()).add(" that may stay");
  }
  outcome_text line;
  add_line(line, "back with the system", bytes_text(back), remark.c_str());
  return line;
}

summary_text summary_of(const totals& of) noexcept {
  const counters& sums = of.sums();
  const bool does_any_run = of.processes_that(process_state::running) != 0;
  summary_text summary;
  add_heading(summary, of);
  add_line(summary, "connections opened", count_text(read(sums.connections_opened)));
  add_line(summary, "connections closed", count_text(read(sums.connections_closed)));
  add_line(summary, "with an arena", count_text(read(sums.arenas_opened)));
  add_survivors(summary, sums);
  add_line(summary, "footprint, peak", bytes_text(of.peak_footprint_bytes()));
  add_line(summary, does_any_run ? "footprint, now" : "footprint, end",
           bytes_text(of.footprint_bytes()));
  add_returns(summary, sums);
  return summary;
}

}  // namespace connarena::shim::report
