#include "arena/runs/kept_runs.hpp"

#include <algorithm>

#include "heap/pages.hpp"

namespace connarena {
namespace {

constexpr std::uint32_t near_fraction = 8;

/// The length of the shortest run that the thread keeps and that is longer than wanted; 0:
/// none. An eighth more is as good, but not to malloc's callers: what they queue may stay for
/// long.
std::uint32_t near_fit(const lane& first, thread_slot& self, std::uint32_t wanted) noexcept {
  if (first.kind != arena_kind::resource) return 0;
  const std::uint32_t most = std::min(wanted + wanted / near_fraction, exact_run_units);
  for (std::uint32_t quarters = wanted + 1; quarters <= most; ++quarters) {
    if (kept_runs(self, page_source::runs, quarters) != 0) return quarters;
  }
  return 0;
}

/// The length of a run to take for so many quarters: of one that the thread keeps by now; 0:
/// there is none at hand.
std::uint32_t kept_for(const lane& first, thread_slot& self, std::uint32_t wanted) noexcept {
  if (kept_runs(self, page_source::runs, wanted) != 0) return wanted;
  const std::uint32_t longer = near_fit(first, self, wanted);
  if (longer != 0) return longer;
  return keep_shelved(self, page_source::runs, wanted) ? wanted : 0;
}

}  // namespace

[[gnu::noinline]] void* take_kept_run_anew(lane& first, thread_slot& self,
                                           std::size_t size_bytes) noexcept {
  if (is_hardened() || has_limit(first)) return nullptr;
  const std::uint32_t quarters = kept_for(first, self, quarters_of_plain_run(size_bytes));
  if (quarters == 0) return nullptr;
  unit_index& kept = kept_runs(self, page_source::runs, quarters);
  const quarter_index run{kept};
  const std::size_t rest_bytes = bytes_of(page_source::runs, quarters) - size_bytes;
  if (!run_info(run).starts_within(std::min(rest_bytes, quarter_bytes - 1)))
    choose_start(run, size_bytes, start_unit_bytes, 0);
  hand_out_kept(first, self, kept, run, quarters);
  look_at_runs(first);
  return block_of(run);
}

[[gnu::noinline]] bool keep_longer_run(lane& first, thread_slot& self, const void* block,
                                       std::size_t size_bytes) noexcept {
  return keep_run_if(first, self, block, size_bytes, stays_when_shrunk);
}

void* take_kept_run_anew_of(lane& first, connarena_t arena, std::size_t size_bytes) noexcept {
  return while_open(first, arena, [&](thread_slot& self) noexcept {
    return take_kept_run_anew(first, self, size_bytes);
  });
}

bool keep_longer_run_of(lane& first, connarena_t arena, const void* block,
                        std::size_t size_bytes) noexcept {
  return while_open(first, arena, [&](thread_slot& self) noexcept {
    return keep_longer_run(first, self, block, size_bytes);
  });
}

}  // namespace connarena
