#include "driver/shape_table.hpp"

#include "driver/figures.hpp"

namespace attribution {
namespace {

tally runs_of(const shape_figures& figures) {
  tally runs = figures.touched_runs;
  runs += figures.other_runs;
  return runs;
}

std::string share(std::uint64_t part, const tally& of) {
  return of.sum() == 0 ? "-" : percent(part, of.sum());
}

std::string asked(double percent) {
  return percent > 0 ? "≥ " + std::to_string(static_cast<int>(percent)) : "-";
}

std::string row_of(const shape_row& row) {
  const shape_figures& figures = row.with_runs;
  if (!figures.refusal.empty()) return "| " + row.title + " | " + figures.refusal + " |\n";
  const tally runs = runs_of(figures);
  const shape_figures& small = row.with_small;
  tally small_blocks = small.touched_small;
  small_blocks += small.other_small;
  std::string text = "| " + row.title;
  for (const std::string& cell :
       {asked(row.asked_percent), share(runs.right, runs), share(runs.wrong, runs),
        share(runs.nobody, runs), share(figures.other_runs.sum(), runs),
        share(figures.touched_runs.right, figures.touched_runs),
        share(figures.other_runs.right, figures.other_runs),
        share(small.touched_small.right, small.touched_small),
        share(small.other_small.right, small.other_small),
        share(small_blocks.wrong, small_blocks)}) {
    text += " | " + cell;
  }
  return text + " |\n";
}

}  // namespace

std::vector<shape_row> all_shapes() {
  const auto row = [](const char* title, const char* shape, double asked_percent) {
    return shape_row{title, {shape}, asked_percent, {}, {}};
  };
  std::vector<shape_row> rows = {
      row("a thread for each connection", "threads", 99),
      row("event loop, allocates after `read`", "loop-after-read", 95),
      row("event loop, grows the buffer before `read`", "loop-before-read", 95),
      row("the same, and makes a request's state before `read`", "loop-all-before-read", 98),
      row("pool: one thread reads and parses, another writes", "pool", 90),
      row("pool whose workers do no I/O", "pool-without-io", 85),
      row("the same, with semaphores in place of conditions", "counted-pool-without-io", 85),
      row("the same, with eventfds", "eventfd-pool-without-io", 85),
      row("the first of these, and a worker enters the connection's arena", "explicit-pool", 90),
      row("`io_uring`, explicit arenas", "ring", 95),
      row("event loop over a cache's shared slabs", "cache", 95),
  };
  rows.back().load.fits_the_cache = true;
  return rows;
}

std::string shape_table(const std::vector<shape_row>& rows) {
  std::string table =
      "| server | runs: asked | right | wrong | nobody's | untouched | touched, right | "
      "untouched, right | small: touched, right | untouched, right | wrong |\n"
      "|:--|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const shape_row& each : rows) table += row_of(each);
  return table;
}

bool reaches(const shape_row& row) {
  if (!row.with_runs.refusal.empty() || row.asked_percent == 0) return true;
  const tally runs = runs_of(row.with_runs);
  return 100 * static_cast<double>(runs.right) >=
         row.asked_percent * static_cast<double>(runs.sum());
}

}  // namespace attribution
