#include "report/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace report {
namespace {

std::string with_thousands(std::string digits) {
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

/// Characters shown, not bytes: UTF-8's continuation bytes show nothing.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char each) { return (each & 0xc0) != 0x80; }));
}

}  // namespace

std::string number(double value) {
  if (value == 0) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::fabs(value))));
  const int decimals = std::clamp(2 - magnitude, 0, 4);
  const double step = std::pow(10.0, std::max(magnitude - 2, 0));
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.*f", decimals,
                decimals > 0 ? value : std::round(value / step) * step);
  return decimals > 0 ? text.data() : with_thousands(text.data());
}

std::string with_ends(const spread& figure) {
  const std::string least = number(figure.least);
  const std::string most = number(figure.most);
  if (least == most) return number(figure.median);
  return number(figure.median) + " (" + least + "–" + most + ")";
}

std::string with_ends(const std::optional<spread>& figure) {
  return figure ? with_ends(*figure) : "–";
}

void table::print(std::ostream& out) const {
  std::vector<std::size_t> widths(rows_.front().size(), 3);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  const auto print_row = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out << "| " << row[i] << std::string(widths[i] - width_of(row[i]) + 1, ' ');
    }
    out << "|\n";
  };
  print_row(rows_.front());
  for (std::size_t i = 0; i < widths.size(); ++i) {
    out << (i == 0 ? "|:" : "|") << std::string(widths[i] + 1, '-') << (i == 0 ? "" : ":");
  }
  out << "|\n";
  for (std::size_t i = 1; i < rows_.size(); ++i) print_row(rows_[i]);
  out << '\n';
}

}  // namespace report
