#include "steps.hpp"

#include <algorithm>

#include "report/verdict.hpp"

namespace demo {
namespace {

using contenders = std::vector<const allocator_choice*>;

contenders contenders_of(const options& wanted, const program& what, int round) {
  const bool is_enough = what.is_paced && round > static_cast<int>(pairs_needed);
  const int judged_rounds = is_enough ? wanted.rounds : wanted.judged_rounds;
  contenders all;
  for (const allocator_choice& each : wanted.allocators) {
    const int rounds = each.is_judged ? judged_rounds : wanted.rounds;
    if (round <= rounds) all.push_back(&each);
  }
  return all;
}

contenders in_turn(contenders all, int round) {
  if (all.empty()) return all;
  const auto turned = (static_cast<std::size_t>(round) - 1) / 2 % all.size();
  std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(turned), all.end());
  if (round % 2 == 0) std::reverse(all.begin(), all.end());
  return all;
}

bool is_measured(const results& measured, const step& one) {
  if (one.is_trimming) return measured.after_trim_bytes.count(one.what->name) != 0;
  return std::any_of(measured.trials.begin(), measured.trials.end(), [&](const trial_result& each) {
    return each.program == one.what->name && each.allocator == one.allocator->name &&
           each.round == one.round;
  });
}

}  // namespace

std::vector<step> steps_of(const options& wanted, const allocator_choice& glibc,
                           const results& measured) {
  std::vector<step> steps;
  for (int round = 1; round <= wanted.judged_rounds; ++round) {
    const bool is_brief = round > wanted.rounds;
    for (const program& what : wanted.programs) {
      if (round == 1) steps.push_back({&what, &glibc, round, true, false});
      for (const allocator_choice* each : in_turn(contenders_of(wanted, what, round), round)) {
        steps.push_back({&what, each, round, false, is_brief});
      }
    }
  }
  std::erase_if(steps, [&](const step& each) { return is_measured(measured, each); });
  return steps;
}

}  // namespace demo
