#include "shim/launcher/service.hpp"

#include <algorithm>
#include <iterator>

namespace connarena::launcher {
namespace {

const live_process* find(pid_t process, const std::vector<live_process>& in) {
  const auto found = std::find_if(in.begin(), in.end(),
                                  [=](const live_process& each) { return each.pid == process; });
  return found != in.end() ? &*found : nullptr;
}

/// The oldest ancestor of the same program. Who reads processes one by one may be told that
/// two are each other's parents: there are no more steps than processes.
pid_t first_of(const live_process& of, const std::vector<live_process>& all) {
  const live_process* oldest = &of;
  for (std::size_t steps = 0; steps < all.size(); ++steps) {
    const live_process* const parent = find(oldest->parent, all);
    if (parent == nullptr || parent->program != of.program) break;
    oldest = parent;
  }
  return oldest->pid;
}

void add(live_process& to, live_process&& other) {
  for (const auto sum :
       {&live_process::resident_bytes, &live_process::footprint_bytes, &live_process::live_bytes,
        &live_process::retained_bytes, &live_process::retain_bytes, &live_process::open,
        &live_process::opened, &live_process::closed, &live_process::inherited,
        &live_process::unlisted, &live_process::survivor_bytes, &live_process::survivor_blocks,
        &live_process::disconnected, &live_process::refused}) {
    to.*sum += other.*sum;
  }
  // Nothing bounds them together where one has no bound.
  to.budget_bytes =
      to.budget_bytes != 0 && other.budget_bytes != 0 ? to.budget_bytes + other.budget_bytes : 0;
  to.ended_peaks.add(other.ended_peaks);
  to.ended_lifetimes.add(other.ended_lifetimes);
  to.age_ns = std::max(to.age_ns, other.age_ns);
  to.figures_age_ns = std::max(to.figures_age_ns, other.figures_age_ns);
  std::move(other.connections.begin(), other.connections.end(), std::back_inserter(to.connections));
}

bool have_one_limit(const std::vector<live_process>& processes) {
  const live_process& first = processes.front();
  return std::all_of(processes.begin(), processes.end(), [&](const live_process& each) {
    return each.limit_bytes == first.limit_bytes && each.over_limit_fails == first.over_limit_fails;
  });
}

}  // namespace

std::vector<live_process> service_of(pid_t process, const std::vector<live_process>& all) {
  std::vector<live_process> members;
  const live_process* const one = find(process, all);
  if (one == nullptr) return members;
  const pid_t first = first_of(*one, all);
  for (const live_process& each : all) {
    if (first_of(each, all) == first) members.push_back(each);
  }
  std::stable_partition(members.begin(), members.end(),
                        [=](const live_process& each) { return each.pid == first; });
  return members;
}

live_process added_up(std::vector<live_process> processes) {
  const bool limits_differ = !have_one_limit(processes);
  live_process sum = std::move(processes.front());
  for (std::size_t i = 1; i < processes.size(); ++i) add(sum, std::move(processes[i]));
  sum.processes = processes.size();
  sum.limits_differ = limits_differ;
  if (limits_differ) sum.limit_bytes = 0;
  sort_by_size(sum.connections);
  return sum;
}

}  // namespace connarena::launcher
