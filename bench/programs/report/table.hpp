// table.hpp - the demo's one table and what is said below it, as text or Markdown.
#pragma once

#include <string>
#include <vector>

#include "loads/load.hpp"
#include "report/results.hpp"

namespace demo {

enum class table_style { text, markdown };

/// Programs and allocators in the given order.
[[nodiscard]] std::string make_table(const results& all, const std::vector<program>& programs,
                                     const std::vector<std::string>& allocators, table_style style);

/// For each program a verdict, or after a single round what it gave back; the slopes, and
/// what failed.
[[nodiscard]] std::string make_findings(const results& all, const std::vector<program>& programs,
                                        const std::vector<std::string>& allocators,
                                        table_style style);

}  // namespace demo
