#include "arena/runs/kept_runs.hpp"

namespace connarena {

[[gnu::noinline]] void* take_kept_run_anew(lane& first, thread_slot& self,
                                           std::size_t size_bytes) noexcept {
  const std::uint32_t quarters = quarters_of_plain_run(size_bytes);
  unit_index& kept = kept_runs(self, page_source::runs, quarters);
  if (kept == 0 || is_hardened() || has_limit(first)) return nullptr;
  const quarter_index run{kept};
  if (start_of(run) > -size_bytes % quarter_bytes)
    choose_start(run, size_bytes, start_unit_bytes, 0);
  hand_out_kept(first, self, kept, quarters);
  note_peak_of_runs(first);
  look_at_runs(first);
  return block_of(run);
}

}  // namespace connarena
