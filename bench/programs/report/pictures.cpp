#include "report/pictures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace demo {
namespace {

/// Of the rounds with samples the one whose peak is the median; null if there is none.
const trial_result* typical_trial(const results& all, const std::string& program,
                                  const std::string& allocator) {
  std::vector<const trial_result*> rounds;
  for (const trial_result& each : all.trials) {
    const bool is_meant = each.program == program && each.allocator == allocator;
    if (is_meant && !each.curve.empty()) rounds.push_back(&each);
  }
  if (rounds.empty()) return nullptr;
  std::sort(rounds.begin(), rounds.end(), [](const trial_result* one, const trial_result* other) {
    return one->peak_bytes < other->peak_bytes;
  });
  return rounds[rounds.size() / 2];
}

/// Seconds before the close that the picture shows: the longest load, in fives.
double shown_seconds(const std::vector<const trial_result*>& trials) {
  double longest = 0;
  for (const trial_result* each : trials) longest = std::max(longest, each->outcome.seconds);
  return 5 * std::ceil((longest + 0.5) / 5);
}

void write_data(std::ostream& script, const std::vector<const trial_result*>& trials) {
  for (std::size_t at = 0; at < trials.size(); ++at) {
    script << "$data" << at << " << END\n";
    for (const curve_point& point : trials[at]->curve) {
      script << point.seconds << ' ' << point.resident_mib << '\n';
    }
    script << "END\n";
  }
}

constexpr const char* frame = R"(set encoding utf8
set border 3 lc rgb '#808080' lw 1
set tics nomirror out textcolor rgb '#303030'
set grid ytics lc rgb '#e4e4e4' lw 1 lt 1
set xlabel 'seconds since the connections closed'
set ylabel 'resident memory, MiB'
set key outside right top Left reverse samplen 2 spacing 1.5
set yrange [0:*]
set offsets graph 0, 0, 0.05, 0
set xtics 5
set tmargin 4.5
set arrow 1 from 0, graph 0 to 0, graph 1 nohead lc rgb '#404040' lw 1.5 dt 2
set label 1 'connections close' at 0, graph 1.03 center textcolor rgb '#404040'
)";

void write_plot(std::ostream& script, const std::vector<const trial_result*>& trials,
                const std::vector<allocator_choice>& allocators) {
  script << "plot ";
  for (std::size_t at = 0; at < trials.size(); ++at) {
    const auto drawn = std::find_if(
        allocators.begin(), allocators.end(),
        [&](const allocator_choice& each) { return each.name == trials[at]->allocator; });
    const char* width = drawn->name == "connarena" ? "3.5" : "2";
    if (at > 0) script << ", \\\n  ";
    script << "$data" << at << " using 1:2 with lines lw " << width << " lc rgb '" << drawn->colour
           << "' title '" << drawn->title << "'";
  }
  script << "\n";
}

}  // namespace

bool draw_picture(const results& all, const program& what,
                  const std::vector<allocator_choice>& allocators,
                  const std::filesystem::path& folder) {
  std::vector<const trial_result*> trials;
  for (const allocator_choice& each : allocators) {
    if (const trial_result* drawn = typical_trial(all, what.name, each.name)) {
      trials.push_back(drawn);
    }
  }
  if (trials.empty()) return true;
  std::ostringstream body;
  write_data(body, trials);
  body << frame << "set title \"" << what.title << "\" font ',15' offset 0, 0.4\nset xrange [-"
       << shown_seconds(trials) << ":15]\n";
  write_plot(body, trials, allocators);

  const std::filesystem::path script = folder / (what.name + ".gnuplot");
  std::ofstream stream(script);
  stream << "set terminal svg size 900,480 dynamic font 'sans-serif,13' background 'white'\n"
         << "set output '" << (folder / (what.name + ".svg")).string() << "'\n"
         << body.str() << "set terminal pngcairo size 1350,720 fontscale 1.35 font 'Sans,10'\n"
         << "set output '" << (folder / (what.name + ".png")).string() << "'\nreplot\n";
  stream.close();
  const bool is_drawn = std::system(("gnuplot '" + script.string() + "'").c_str()) == 0;
  if (!is_drawn) std::cerr << "demo: no picture of " << what.name << ": gnuplot failed\n";
  return is_drawn;
}

}  // namespace demo
