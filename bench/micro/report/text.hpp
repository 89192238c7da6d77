// text.hpp - figures and tables as Markdown.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "report/comparison.hpp"

namespace report {

/// Three significant digits, thousands separated: 0.053, 12.3, 5,820,000.
[[nodiscard]] std::string number(double value);

/// "0.53 (0.51–0.55)"; without the ends where there was but one round.
[[nodiscard]] std::string with_ends(const spread& figure);

/// As with_ends; a dash for nothing.
[[nodiscard]] std::string with_ends(const std::optional<spread>& figure);

class table {
 public:
  explicit table(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool is_empty() const noexcept { return rows_.size() == 1; }
  /// Padded, so that it also reads well on a terminal.
  void print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace report
