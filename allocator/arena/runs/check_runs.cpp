#include "arena/runs/check_runs.hpp"

#include "arena/lane/footprint.hpp"
#include "base/beside.hpp"
#include "base/checks.hpp"
#include "heap/page_infos.hpp"

namespace connarena {
namespace {

void check_run(const lane& first, quarter_index run, quarter_index before) noexcept {
  const run_info info(run);
  CONNARENA_DCHECK(info.prev() == before);
  CONNARENA_DCHECK(info.quarters() != 0);
  // Of an arena for any thread, whoever resizes a block uses its spare quarters without the lock.
  const std::uint32_t spare = first.any_thread ? 0 : info.spare();
  CONNARENA_DCHECK(run.unit + info.quarters() + spare <= read_beside(part_of(run.unit).committed));
  const std::uint32_t owner = region.owners[run.unit].load(std::memory_order_relaxed);
  CONNARENA_DCHECK(kind_of(owner) == page_kind::run);
  CONNARENA_DCHECK(index_of(owner) == first.index);
}

}  // namespace

std::uint64_t check_runs(const lane& first) noexcept {
  if (!checks_invariants) return 0;
  std::uint64_t runs = 0;
  std::uint32_t quarters = 0;
  quarter_index before{};
  for (quarter_index run = first.runs; run; run = run_info(run).next()) {
    check_run(first, run, before);
    quarters += run_info(run).quarters();
    before = run;
    ++runs;
  }
  CONNARENA_DCHECK(quarters == first.run_quarters);
  const std::uint32_t noted = first.noted_run_quarters;
  CONNARENA_DCHECK(noted == 0 || !has_limit(first));
  // The spans of others grow beside the list.
  CONNARENA_DCHECK(noted <= 1 || first.any_thread || first.others_granules != 0 ||
                   noted + first.small_pages * quarters_a_page <= first.peak_quarters);
  return runs;
}

}  // namespace connarena
