// shape_trial.hpp - clients for one test server, and samples while they are served.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace attribution {

struct tally {
  std::uint64_t right = 0;
  std::uint64_t wrong = 0;
  std::uint64_t nobody = 0;

  [[nodiscard]] std::uint64_t sum() const noexcept { return right + wrong + nobody; }
  tally& operator+=(const tally& other) noexcept;
};

/// Bytes summed over all samples, which stands for bytes x lifetime.
struct shape_figures {
  tally touched_runs, other_runs, touched_small, other_small;
  unsigned samples = 0;
  std::string refusal;  ///< why there are no figures; empty if there are
};

/// What a shape's clients do.
struct shape_load {
  std::string shape;            ///< as the server calls it
  bool counts_small = false;    ///< CONNARENA_SMALL
  bool fits_the_cache = false;  ///< no body is larger than the cache takes
};

/// Fails: a wrong byte, or too late.
[[nodiscard]] shape_figures run_shape(const shape_load& load);

}  // namespace attribution
