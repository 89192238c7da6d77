#include "shim/launcher/history.hpp"

#include <algorithm>
#include <cmath>

namespace connarena::launcher {
namespace {

constexpr std::size_t heights = 8;
constexpr const char* drawn[heights] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr const char* written[heights] = {"_", ".", ",", "-", "~", "=", "*", "#"};

}  // namespace

void history::add(std::uint64_t value) {
  values_.push_back(value);
  if (values_.size() > most_values) values_.pop_front();
}

std::uint64_t history::most() const {
  return values_.empty() ? 0 : *std::max_element(values_.begin(), values_.end());
}

std::string history::bars(std::size_t columns, bool has_bars) const {
  const std::size_t count = std::min(columns, values_.size());
  const auto first = values_.end() - static_cast<std::ptrdiff_t>(count);
  const std::uint64_t highest =
      count == 0 ? 1 : std::max<std::uint64_t>(*std::max_element(first, values_.end()), 1);
  std::string line;
  for (auto each = first; each != values_.end(); ++each) {
    const double share = static_cast<double>(*each) / static_cast<double>(highest);
    const auto height = static_cast<std::size_t>(std::lround(share * (heights - 1)));
    line += has_bars ? drawn[height] : written[height];
  }
  return line;
}

}  // namespace connarena::launcher
