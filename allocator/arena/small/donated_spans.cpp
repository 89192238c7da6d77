#include "arena/small/donated_spans.hpp"

#include <algorithm>

#include "arena/small/spans.hpp"

namespace connarena {

std::uint32_t largest_gap(span_id span) noexcept {
  std::uint32_t largest = 0;
  for_each_free(span, span + span_length(span), [&](granule_index from, granule_index to) {
    largest = std::max(largest, to - from);
  });
  return largest >= least_listed_gap ? largest : 0;
}

}  // namespace connarena
