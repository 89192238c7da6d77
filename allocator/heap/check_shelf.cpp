// check_shelf.cpp - that what lies on a shelf is linked, counted and nobody's.
#include "base/checked.hpp"
#include "heap/page_infos.hpp"
#include "heap/shelf.hpp"

namespace connarena {
namespace {

void check_shelved(page_source of, unit_index run, std::uint32_t units) noexcept {
  const page_kind kind = kind_of(region.owners[run].load(std::memory_order_relaxed));
  CONNARENA_DCHECK(kind == page_kind::none || kind == page_kind::released);
  if (of != page_source::small) CONNARENA_DCHECK(run_info({run}).quarters() == units);
}

}  // namespace

void check(const shelf& of) noexcept {
  if (!checks_invariants) return;
  const shelf_account& account = of.account();
  CONNARENA_DCHECK(account.least() <= account.bytes() && account.bytes() <= account.told());
  // bytes = the sum of what is merged and what is not
  std::uint64_t bytes = 0;
  for (const page_source source : all_sources) {
    const auto at = static_cast<std::size_t>(source);
    bytes += (of.unmerged_units_[at] + of.merged_[at].cached_count()) << shift_of(source);
  }
  CONNARENA_DCHECK(bytes == account.bytes());
}

std::uint64_t check_whole(const shelf& of) noexcept {
  if (!checks_invariants) return 0;
  std::uint64_t runs = 0;
  for (const page_source source : all_sources) {
    const auto at = static_cast<std::size_t>(source);
    std::uint64_t unmerged_units = 0;
    for (std::uint32_t units = 1; units <= exact_run_units; ++units) {
      const auto& list = of.lists_[at][units - 1];
      CONNARENA_DCHECK(list.least <= list.count && list.count <= list.most);
      std::uint32_t count = 0;
      for (unit_index run = list.first; run != 0; run = kept_info(run).next()) {
        check_shelved(source, run, units);
        ++count;
      }
      CONNARENA_DCHECK(count == list.count);
      runs += count;
      unmerged_units += std::uint64_t{count} * units;
    }
    CONNARENA_DCHECK(unmerged_units == of.unmerged_units_[at]);
    runs += check_whole(of.merged_[at]);
  }
  return runs;
}

}  // namespace connarena
