// history.hpp - the last values of a figure, and a line of little bars that shows them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace connarena::launcher {

class history {
 public:
  /// As many as the widest screen has columns.
  static constexpr std::size_t most_values = 400;

  void add(std::uint64_t value);
  /// The last so many values, from the lowest bar, which is 0, to the highest. Where the
  /// terminal has no bars, signs that are more or less high.
  [[nodiscard]] std::string bars(std::size_t columns, bool has_bars) const;
  [[nodiscard]] std::uint64_t most() const;

 private:
  std::deque<std::uint64_t> values_;
};

}  // namespace connarena::launcher
