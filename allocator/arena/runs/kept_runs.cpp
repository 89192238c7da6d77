#include "arena/runs/kept_runs.hpp"

namespace connarena {
namespace {

bool is_kept(thread_slot* self, std::size_t size_bytes) noexcept {
  return self != nullptr && size_bytes <= most_kept_bytes &&
         kept_runs(*self, page_source::runs, quarters_of_plain_run(size_bytes)) != 0;
}

/// Pre: is_kept.
void* take_anew(lane& first, thread_slot& self, std::size_t size_bytes) noexcept {
  if (is_hardened() || has_limit(first)) return nullptr;
  const std::uint32_t quarters = quarters_of_plain_run(size_bytes);
  unit_index& kept = kept_runs(self, page_source::runs, quarters);
  const quarter_index run{kept};
  if (start_of(run) > -size_bytes % quarter_bytes)
    choose_start(run, size_bytes, start_unit_bytes, 0);
  hand_out_kept(first, self, kept, quarters);
  note_peak_of_runs(first);
  return block_of(run);
}

}  // namespace

void* take_kept_run_anew(lane& first, std::size_t size_bytes) noexcept {
  thread_slot* const self = known_thread();
  return is_kept(self, size_bytes) ? take_anew(first, *self, size_bytes) : nullptr;
}

void* take_kept_run_anew_of(lane& first, connarena_t arena, std::size_t size_bytes) noexcept {
  thread_slot* const self = known_thread();
  if (!is_kept(self, size_bytes)) return nullptr;
  const runs_lock guard(first);
  return is_of(first, arena) ? take_anew(first, *self, size_bytes) : nullptr;
}

}  // namespace connarena
