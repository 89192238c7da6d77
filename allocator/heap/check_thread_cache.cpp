#include "heap/check_thread_cache.hpp"

#include "base/checks.hpp"
#include "heap/page_heap.hpp"
#include "heap/page_infos.hpp"
#include "heap/region.hpp"
#include "heap/thread_cache.hpp"

namespace connarena {
namespace {

/// Nobody's, of the length of its list, and as the next block in it will find it.
void check_kept(page_source of, unit_index first, std::uint32_t units) noexcept {
  const page_kind kind = kind_of(region.owners[first].load(std::memory_order_relaxed));
  CONNARENA_DCHECK(kind == page_kind::none || kind == page_kind::released);
  if (of == page_source::small) return;
  const run_info info({first});
  CONNARENA_DCHECK(source_of_run({first}) == of);
  CONNARENA_DCHECK(info.quarters() == units);
  CONNARENA_DCHECK(info.spare() == 0 || !info.has_start());
}

}  // namespace

void check_thread_cache(thread_slot& self) noexcept {
  if (!checks_invariants) return;
  std::uint32_t bytes = 0;
  for (const page_source of : all_sources) {
    for (std::uint32_t units = 1; units <= exact_run_units; ++units) {
      for (unit_index at = kept_runs(self, of, units); at != 0; at = kept_info(at).next()) {
        check_kept(of, at, units);
        bytes += bytes_of(of, units);
      }
    }
  }
  // cached = the sum of what is kept + what warm lanes hold
  CONNARENA_DCHECK(self.cached_bytes == bytes + self.warm_bytes);
}

}  // namespace connarena
