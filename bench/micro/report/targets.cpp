#include "report/targets.hpp"

#include <functional>
#include <iomanip>
#include <sstream>

namespace report {
namespace {

/// One line of the target table: limits for `arena` and `synchronized_arena`.
struct target {
  std::string work;
  std::optional<double> arena;
  std::optional<double> synchronized_arena;
};

const std::vector<target>& ratios_to_fastest() {
  static const std::vector<target> targets = {
      {"short_connection", 0.85, 1.1}, {"buffers", 0.7, 0.75},
      {"steady_mixed", 1.0, 1.2},      {"steady_small", 1.0, 1.2},
      {"close_live.6MB", 0.1, 0.1},    {"close_live.27MB", 1.0, 1.0},
      {"handoff", std::nullopt, 0.9},  {"grow.4MiB", 1.0, 1.0},
      {"grow.16MiB", 1.0, 1.0},        {"payload_plus_header", 1.0, 1.0},
      {"strand", std::nullopt, 1.0},
  };
  return targets;
}

/// A limit as it was set: 0.7, not 0.700.
std::string plain(double limit) {
  std::ostringstream text;
  text << std::setprecision(8) << limit;
  return text.str();
}

bool starts_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

class judging {
 public:
  explicit judging(const comparison& figures) : figures_(figures) {}

  void judge_ratios() {
    for (const work& row : timed_works()) {
      if (!figures_.all().has(row.key)) continue;
      for (const target& each : ratios_to_fastest()) {
        if (!starts_with(row.key, each.work)) continue;
        judge_against_fastest(row, each);
      }
      if (starts_with(row.key, "reconnect.")) judge_reconnect(row);
      if (row.key == "grow.4MiB" || row.key == "payload_plus_header") {
        add_both(row.title + ", page faults", 0.0, 0.0, "", [&](const std::string& contender) {
          return figures_.counter(row.key, contender, "page_faults");
        });
      }
    }
  }

  void judge_flatness() {
    for (const std::string order : {"oldest_first", "newest_first"}) {
      add_both("reconnect, " + order + ", 100,000 by 0 others", 1.3, 1.3, "",
               [&](const std::string& contender) {
                 return figures_.ratio_of_works("reconnect.100000." + order, "reconnect.0." + order,
                                                contender);
               });
    }
  }

  /// Beside the plain mallocs, which a program would have without arenas.
  void judge_bursts() {
    for (const work& row : timed_works()) {
      if (!starts_with(row.key, "burst.") || !figures_.all().has(row.key)) continue;
      const std::string peer = figures_.fastest_malloc(row);
      for (const char* ours : {"arena", "synchronized_arena", "connarena_c"}) {
        add_at_most(row.title, ours, 0.9, peer,
                    figures_.ratio(row.key, ours, peer, harness::included));
        add_at_most(row.title + ", page faults", ours, 0.1, "",
                    figures_.counter(row.key, ours, "page_faults"));
      }
    }
  }

  void judge_beside_idle() {
    for (const std::string idle : {"80", "1000", "10000"}) {
      for (const char* ours : {"arena", "synchronized_arena", "connarena_c"}) {
        add_at_most(
            "busy beside " + idle + " by 0 idle", ours, 1.3, "",
            figures_.ratio_of_works("busy_beside_idle." + idle, "busy_beside_idle.0", ours));
      }
    }
  }

  void judge_idle() {
    const std::string million = "idle.1000000.block";
    add_both("idle, 1,000,000 with 300 B, bytes each", 700, 1000, "",
             [&](const std::string& contender) {
               return figures_.counter(million, contender, "bytes_each");
             });
    constexpr double retention_bound_bytes = 8.0 * (1 << 20);
    add_both("idle, 1,000,000 with 300 B, bytes left", retention_bound_bytes, retention_bound_bytes,
             "", [&](const std::string& contender) {
               return figures_.counter(million, contender, "left_bytes");
             });
  }

  void judge_threads() {
    add_at_least("2 threads on 2 arenas, times the work of 1", "threads.2_on_2", 1.9);
    add_at_least("2 threads on 1 arena, times the work of 1", "threads.2_on_1", 1.2);
    add_at_least("4 threads on 1 arena, times the work of 1", "threads.4_on_1", 1.0);
    add_at_least("8 threads on 1 arena, times the work of 1", "threads.8_on_1", 1.0);
  }

  [[nodiscard]] std::vector<verdict> take() { return std::move(verdicts_); }

 private:
  using measure = std::function<std::optional<spread>(const std::string& contender)>;

  void judge_against_fastest(const work& row, const target& each) {
    const bool must_return = row.returnable_bytes > 0;
    const std::string peer =
        must_return ? figures_.fastest_returning_peer(row) : figures_.fastest_peer(row);
    add_both(row.title, each.arena, each.synchronized_arena, peer,
             [&](const std::string& contender) -> std::optional<spread> {
               if (must_return && !figures_.returns_memory(row, contender)) return std::nullopt;
               return figures_.ratio(row.key, contender, peer, harness::included);
             });
  }

  /// By a malloc's bare pairs, and by another heap that is opened and ended.
  void judge_reconnect(const work& row) {
    const auto judge_against = [&](const std::string& peer, double arena, double synchronized) {
      add_both(row.title, arena, synchronized, peer, [&](const std::string& contender) {
        return figures_.ratio(row.key, contender, peer, harness::included);
      });
    };
    judge_against("tcmalloc", 2.0, 3.0);
    judge_against("mimalloc_heap", 0.1, 0.1);
  }

  void add_both(const std::string& title, std::optional<double> arena,
                std::optional<double> synchronized_arena, const std::string& peer,
                const measure& measured) {
    if (arena) add_at_most(title, "arena", *arena, peer, measured("arena"));
    if (!synchronized_arena) return;
    add_at_most(title, "synchronized_arena", *synchronized_arena, peer,
                measured("synchronized_arena"));
  }

  void add_at_most(const std::string& title, const std::string& contender, double limit,
                   const std::string& peer, const std::optional<spread>& measured) {
    const bool is_reached = measured && measured->median <= limit;
    verdicts_.push_back({title, contender, "≤ " + plain(limit), measured, peer, is_reached});
  }

  void add_at_least(const std::string& title, const std::string& work, double least) {
    const std::string contender = "synchronized_arena";
    const auto measured = figures_.ratio_of_works("threads.1", work, contender);
    const bool is_reached = measured && measured->median >= least;
    verdicts_.push_back({title, contender, "≥ " + plain(least), measured, "", is_reached});
  }

  const comparison& figures_;
  std::vector<verdict> verdicts_;
};

}  // namespace

std::vector<verdict> judge(const comparison& figures) {
  judging all(figures);
  all.judge_ratios();
  all.judge_flatness();
  all.judge_bursts();
  all.judge_beside_idle();
  all.judge_idle();
  all.judge_threads();
  return all.take();
}

}  // namespace report
