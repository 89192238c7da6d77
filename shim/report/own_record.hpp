// own_record.hpp - the calling process's record, and the ledger that it lies in.
#pragma once

#include "shim/report/ledger.hpp"

namespace connarena::shim::report {

/// Null where no report is wanted.
inline constinit std::atomic<counters*> own_record{nullptr};
/// Pre of its use: own_record is not null.
inline constinit ledger* own_family = nullptr;
/// What is copied only then: names, modules and call sites.
inline constinit std::atomic<bool> have_tables_changed{false};

/// How many forks lie between the process and the family's first. A connection that was
/// open before the last of them is its parent's: the child closes a copy.
inline constinit std::uint32_t forks_before = 0;

[[nodiscard]] inline bool is_report_wanted() noexcept {
  return own_record.load(std::memory_order_relaxed) != nullptr;
}
/// Pre: is_report_wanted().
[[nodiscard]] inline counters& own_figures() noexcept {
  return *own_record.load(std::memory_order_relaxed);
}

}  // namespace connarena::shim::report
