#include "report/tables.hpp"

#include <ostream>

#include "report/targets.hpp"
#include "report/text.hpp"

namespace report {
namespace {

std::string title_of(const std::string& key) {
  for (const contender& each : contenders()) {
    if (each.key == key) return each.title;
  }
  return key;
}

std::vector<std::string> head_with_contenders(std::vector<std::string> head) {
  for (const contender& each : contenders()) head.push_back(each.title);
  return head;
}

/// A figure, else the contender's word for why there is none.
std::string cell(const comparison& figures, const std::string& work, const std::string& contender,
                 const std::optional<spread>& figure) {
  if (figure) return with_ends(*figure);
  const series* found = figures.all().find(work, contender);
  return found == nullptr || found->refusal.empty() ? "–" : found->refusal;
}

void print_if_any(const std::string& heading, const table& rows, std::ostream& out) {
  if (rows.is_empty()) return;
  out << "### " << heading << "\n\n";
  rows.print(out);
}

void print_targets(const comparison& figures, std::ostream& out) {
  table rows({"work", "contender", "against", "target", "measured", "reached"});
  for (const verdict& each : judge(figures)) {
    if (!each.measured && each.against.empty()) continue;
    rows.add({each.work, each.contender, each.against.empty() ? "–" : title_of(each.against),
              each.target, with_ends(each.measured), each.is_reached ? "yes" : "NO"});
  }
  print_if_any("Targets", rows, out);
}

/// Each contender by the fastest peer of its row. Where memory must be returned,
/// "kept" marks who did not, and the fastest is of those who did.
void print_ratios(const comparison& figures, harness loop, std::ostream& out) {
  table rows(head_with_contenders({"work", "fastest peer", "its time, ns"}));
  for (const work& row : timed_works()) {
    const bool must_return = row.returnable_bytes > 0;
    const std::string peer =
        must_return ? figures.fastest_returning_peer(row) : figures.fastest_peer(row);
    if (peer.empty()) continue;
    std::vector<std::string> cells = {row.title, title_of(peer),
                                      with_ends(figures.time_ns(row.key, peer))};
    for (const contender& each : contenders()) {
      const auto ratio = figures.ratio(row.key, each.key, peer, loop);
      const bool is_kept = must_return && ratio && !figures.returns_memory(row, each.key);
      cells.push_back(cell(figures, row.key, each.key, ratio) + (is_kept ? " kept" : ""));
    }
    rows.add(std::move(cells));
  }
  print_if_any(loop == harness::included ? "Time by the fastest peer's, lower is better"
                                         : "The same, each less the empty loop",
               rows, out);
}

/// Ours alone, by the fastest of some of the peers.
void print_ratios_to(std::string (comparison::*fastest)(const work&) const, const std::string& who,
                     const std::string& heading, const comparison& figures, std::ostream& out) {
  table rows({"work", who, "arena", "synchronized_arena", "C API"});
  for (const work& row : timed_works()) {
    const std::string peer = (figures.*fastest)(row);
    if (peer.empty()) continue;
    std::vector<std::string> cells = {row.title, title_of(peer)};
    for (const char* ours : {"arena", "synchronized_arena", "connarena_c"}) {
      cells.push_back(with_ends(figures.ratio(row.key, ours, peer, harness::included)));
    }
    rows.add(std::move(cells));
  }
  print_if_any(heading, rows, out);
}

void print_times(const comparison& figures, std::ostream& out) {
  table rows(head_with_contenders({"work, ns", "empty loop"}));
  for (const work& row : timed_works()) {
    if (!figures.all().has(row.key)) continue;
    std::vector<std::string> cells = {row.title, with_ends(figures.time_ns(row.key, "empty"))};
    for (const contender& each : contenders()) {
      cells.push_back(cell(figures, row.key, each.key, figures.time_ns(row.key, each.key)));
    }
    rows.add(std::move(cells));
  }
  print_if_any("Time of one operation", rows, out);
}

void print_counter(const comparison& figures, const std::vector<work>& works, const char* counter,
                   double unit, const std::string& heading, std::ostream& out) {
  table rows(head_with_contenders({"work"}));
  for (const work& row : works) {
    std::vector<std::string> cells = {row.title};
    bool has_any = false;
    for (const contender& each : contenders()) {
      auto figure = figures.counter(row.key, each.key, counter);
      has_any = has_any || figure;
      if (figure) figure = spread{figure->median / unit, figure->least / unit, figure->most / unit};
      cells.push_back(cell(figures, row.key, each.key, figure));
    }
    if (has_any) rows.add(std::move(cells));
  }
  print_if_any(heading, rows, out);
}

void print_threads(const comparison& figures, std::ostream& out) {
  table rows(
      {"steady_small", "1 thread, ns", "2 threads on 2", "2 threads on 1", "4 on 1", "8 on 1"});
  for (const contender& each : contenders()) {
    const auto alone = figures.time_ns("threads.1", each.key);
    if (!alone) continue;
    std::vector<std::string> cells = {each.title, with_ends(*alone)};
    for (const char* together : {"2_on_2", "2_on_1", "4_on_1", "8_on_1"}) {
      cells.push_back(with_ends(
          figures.ratio_of_works("threads.1", "threads." + std::string(together), each.key)));
    }
    rows.add(std::move(cells));
  }
  print_if_any("Several threads, times the work of one", rows, out);
}

}  // namespace

void print_tables(const comparison& figures, std::ostream& out) {
  constexpr double mib = 1 << 20;
  constexpr std::size_t enough_rounds = 5;
  const std::size_t rounds = figures.all().rounds();
  out << "Median (least–most), rounds: " << rounds
      << (rounds < enough_rounds ? ", too few to compare by.\n\n" : ".\n\n");
  print_targets(figures, out);
  print_ratios(figures, harness::included, out);
  print_ratios(figures, harness::subtracted, out);
  // A plain malloc neither opens nor ends anything.
  print_ratios_to(&comparison::fastest_heap, "fastest heap",
                  "Time by the fastest heap's, plain mallocs left aside", figures, out);
  print_ratios_to(&comparison::fastest_checked_malloc, "checked malloc",
                  "Time by that of a malloc that checks what is freed; half is the aim", figures,
                  out);
  print_times(figures, out);
  print_counter(figures, timed_works(), "returned_bytes", mib,
                "Back at the system when the close returns, MiB", out);
  print_counter(figures, timed_works(), "page_faults", 1, "Page faults of one operation", out);
  print_counter(figures, timed_works(), "system_calls", 1, "System calls of one operation", out);
  print_counter(figures, timed_works(), "taken_bytes", 1,
                "Bytes taken from the system by one operation", out);
  print_counter(figures, idle_works(), "bytes_each", 1, "Resident bytes of each open arena", out);
  print_counter(figures, idle_works(), "left_bytes", mib,
                "Resident MiB left after all arenas are closed", out);
  print_threads(figures, out);
}

}  // namespace report
