#include "report/table.hpp"

#include <algorithm>
#include <cstdio>

#include "report/gains.hpp"
#include "report/summary.hpp"
#include "report/verdict.hpp"

namespace demo {
namespace {

using row = std::vector<std::string>;

std::string number(double value, int decimals) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
  return buffer;
}

std::string with_range(const spread& figure, int decimals, std::size_t rounds) {
  if (rounds < 3) return number(figure.median, decimals);
  return number(figure.median, decimals) + " (" + number(figure.least, decimals) + "-" +
         number(figure.most, decimals) + ")";
}

row heading() {
  return {"program",   "allocator", "rounds", "operations/s", "to glibc", "CPU us/op",
          "faults/op", "before",    "peak",   "+1 s",         "+15 s",    "above use"};
}

row cells_of(const results& all, const summary& sum) {
  const auto ratio = throughput_ratio(all, sum.program, sum.allocator, "glibc");
  return {sum.program,
          sum.allocator,
          std::to_string(sum.rounds),
          with_range(sum.throughput, 0, sum.rounds),
          ratio ? number(ratio->interval.median, 2) : "",
          with_range(sum.cpu_microseconds, 1, sum.rounds),
          number(sum.page_faults, 2),
          number(sum.before_mib, 1),
          number(sum.peak_mib, 1),
          number(sum.after_1s_mib, 1),
          sum.after_15s_mib ? number(*sum.after_15s_mib, 1) : "",
          number(sum.above_use_mib, 1)};
}

std::vector<row> rows_of(const results& all, const std::vector<program>& programs,
                         const std::vector<std::string>& allocators) {
  std::vector<row> rows;
  for (const program& what : programs) {
    for (const std::string& allocator : allocators) {
      if (const auto sum = summarise(all, what.name, allocator)) {
        rows.push_back(cells_of(all, *sum));
      }
    }
  }
  return rows;
}

std::string markdown(const std::vector<row>& rows) {
  std::string text;
  const auto add = [&](const row& cells) {
    text += '|';
    for (const std::string& cell : cells) text += ' ' + cell + " |";
    text += '\n';
  };
  add(heading());
  text += "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const row& cells : rows) add(cells);
  return text;
}

std::string plain(std::vector<row> rows) {
  rows.insert(rows.begin(), heading());
  std::vector<std::size_t> widths(rows.front().size());
  for (const row& cells : rows) {
    for (std::size_t at = 0; at < cells.size(); ++at) {
      widths[at] = std::max(widths[at], cells[at].size());
    }
  }
  std::string text;
  std::string program_before;
  for (const row& cells : rows) {
    if (!program_before.empty() && cells[0] != program_before) text += '\n';
    program_before = cells[0];
    for (std::size_t at = 0; at < cells.size(); ++at) {
      const std::string padding(widths[at] - cells[at].size(), ' ');
      text += at < 2 ? cells[at] + padding : padding + cells[at];
      text += at + 1 < cells.size() ? "  " : "\n";
    }
  }
  return text;
}

std::string slopes(const results& all, const program& what,
                   const std::vector<std::string>& allocators) {
  std::string text;
  for (const std::string& allocator : allocators) {
    const auto sum = summarise(all, what.name, allocator);
    if (!sum || !sum->slope_mib_per_minute) continue;
    text += (text.empty() ? " " : ", ") + allocator + " " +
            with_range(*sum->slope_mib_per_minute, 1, sum->rounds);
  }
  if (text.empty()) return text;
  return what.name + ": growth of resident memory while the load is steady, MiB/min:" + text + "\n";
}

bool has(const results& all, const std::string& program, const std::string& allocator) {
  return std::any_of(all.trials.begin(), all.trials.end(), [&](const trial_result& each) {
    return each.program == program && each.allocator == allocator;
  });
}

std::string verdicts(const results& all, const std::vector<program>& programs,
                     const std::vector<std::string>& allocators, table_style style) {
  const bool is_markdown = style == table_style::markdown;
  std::string text;
  for (const program& what : programs) {
    if (!has(all, what.name, "connarena")) continue;
    const verdict judgement = judge(all, what.name, allocators);
    text += (is_markdown ? "- **" + what.name + "**: " : what.name + ": ");
    text += in_words(judgement);
    for (const std::string& finding : judgement.findings) text += "\n  - " + finding;
    text += '\n';
  }
  return text;
}

std::string gains(const results& all, const std::vector<program>& programs,
                  const std::vector<std::string>& allocators) {
  std::vector<std::string> names;
  for (const program& what : programs) names.push_back(what.name);
  std::string text = "Under connarena (the same under others in brackets), in MiB:\n\n";
  for (const gain& each : gains_of(all, names, allocators)) text += each.line + "\n";
  return text + "\nOne round cannot tell a few percent of throughput. A verdict needs ten: " +
         "./bench/demo --pairs=10\n";
}

bool is_one_round(const results& all) {
  return std::all_of(all.trials.begin(), all.trials.end(),
                     [](const trial_result& each) { return each.round <= 1; });
}

}  // namespace

std::string make_table(const results& all, const std::vector<program>& programs,
                       const std::vector<std::string>& allocators, table_style style) {
  const std::vector<row> rows = rows_of(all, programs, allocators);
  return style == table_style::markdown ? markdown(rows) : plain(rows);
}

std::string make_findings(const results& all, const std::vector<program>& programs,
                          const std::vector<std::string>& allocators, table_style style) {
  std::string text = is_one_round(all) ? gains(all, programs, allocators)
                                       : verdicts(all, programs, allocators, style);
  for (const program& what : programs) {
    const std::string line = slopes(all, what, allocators);
    if (!line.empty()) text += "\n" + line;
  }
  for (const trial_result& each : all.trials) {
    if (each.failure.empty()) continue;
    text += "\nFAILED: " + each.program + " under " + each.allocator + ", round " +
            std::to_string(each.round) + ": " + each.failure + "\n";
  }
  for (const std::string& each : all.failures) text += "\nFAILED: " + each + "\n";
  return text;
}

}  // namespace demo
