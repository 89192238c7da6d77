#include "shim/report/summary.hpp"

#include <cstring>
#include <ctime>

#include "shim/report/process_state.hpp"

namespace connarena::shim::report {
namespace {

constexpr std::size_t value_column = 32;

std::uint64_t read(const std::atomic<std::uint64_t>& counter) noexcept {
  return counter.load(std::memory_order_relaxed);
}

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
void add_line(summary_text& to, const char* label, const value_text& value,
              const char* remark = "") noexcept {
  const std::size_t line_start = to.size();
  to.add("  ").add(label);
  to.pad_to(line_start + value_column - value.size()).add(value.c_str());
  if (*remark != '\0') to.add("  ").add(remark);
  to.add("\n");
}

std::int64_t now_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1000000000} + now.tv_nsec;
}

value_text seconds_text(std::int64_t ns) noexcept {
  const auto tenths = static_cast<std::uint64_t>(ns > 0 ? ns / 100000000 : 0);
  return value_text{}.add_number(tenths / 10).add(".").add_number(tenths % 10).add(" s");
}

void add_heading(summary_text& to, const counters& figures) noexcept {
  const std::int64_t ended_ns = figures.ended_ns.load(std::memory_order_relaxed);
  to.add("connarena: ").add_name(figures.program, strnlen(figures.program, sizeof figures.program));
  to.add(", process ").add_number(static_cast<std::uint64_t>(figures.process.pid));
  if (ended_ns != 0) {
    to.add(", ended after ").add(seconds_text(ended_ns - figures.started_ns).c_str());
  } else if (is_running(figures.process)) {
    to.add(", running for ").add(seconds_text(now_ns() - figures.started_ns).c_str());
  } else {
    to.add(", killed: the figures are the last it wrote");
  }
  to.add("\n");
}

}  // namespace

summary_text summary_of(const counters& figures) noexcept {
  const std::uint64_t opened = read(figures.connections_opened);
  const std::uint64_t closed = read(figures.connections_closed);
  summary_text summary;
  add_heading(summary, figures);
  add_line(summary, "connections opened", count_text(opened));
  add_line(summary, "connections closed", count_text(closed));
  add_line(summary, "with an arena", count_text(read(figures.arenas_opened)));
  add_line(summary, "footprint, peak", bytes_text(read(figures.peak_footprint_bytes)));
  add_line(summary, "footprint, end", bytes_text(read(figures.footprint_bytes)));
  add_line(summary, "returned at closes", bytes_text(read(figures.returned_bytes)));
  add_line(summary, "survivors, blocks", count_text(read(figures.survivor_blocks)),
           "alive when all who served their connection waited");
  add_line(summary, "survivors, bytes", bytes_text(read(figures.survivor_bytes)));
  add_line(summary, "connections with any", count_text(read(figures.connections_with_survivors)));
  add_line(summary, "most of one", bytes_text(read(figures.most_survivor_bytes)));
  const std::uint64_t late_frees = read(figures.late_frees);
  if (late_frees != 0) {
    add_line(summary, "late frees, ignored", count_text(late_frees),
             "of blocks that were released with their connection");
  }
  return summary;
}

}  // namespace connarena::shim::report
