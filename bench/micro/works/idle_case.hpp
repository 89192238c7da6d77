// idle_case.hpp - runs one case of `idle` in a forked child, whose resident
// memory holds no trace of other cases.
#pragma once

#include <array>
#include <cstddef>

namespace micro {

/// What the child found.
struct idle_figures {
  double bytes_each = 0;    ///< resident, for each open arena and its handle
  double left_bytes = 0;    ///< still resident after all are closed and the handles gone
  double seconds_each = 0;  ///< to open one
  bool is_refused = false;  ///< more than half of the machine's memory would be needed
};

/// The part of a case that knows the contender.
struct idle_case {
  virtual ~idle_case() = default;
  virtual void open(std::size_t index) = 0;
  virtual void close(std::size_t index) = 0;
  virtual void give_up_handles() = 0;
};

using make_idle_case = idle_case* (*)(std::size_t arenas);

/// Opens `arenas`, measures, closes them newest first and measures again.
/// Fails: is_refused, also where the child died.
[[nodiscard]] idle_figures run_idle_case(make_idle_case make, std::size_t arenas);

}  // namespace micro
