// totals.hpp - what the processes of one or more families come to. Used by the preload
// library and the launcher; allocates nothing.
//
// A process counts as one if it runs or had connections: a shell's children that became
// other programs do not. Where none does, the one that ran longest stands for all.
#pragma once

#include "shim/report/ledger.hpp"

namespace connarena::shim::report {

enum class process_state : unsigned char { running, ended, killed };
[[nodiscard]] process_state state_of(const counters& process) noexcept;
[[nodiscard]] bool has_connections(const counters& process) noexcept;
[[nodiscard]] bool is_of_interest(const counters& process) noexcept;
/// How long it has run, or did.
[[nodiscard]] std::int64_t age_ns(const counters& process) noexcept;

class totals {
 public:
  void add(const ledger& family) noexcept;
  /// After the last family.
  void conclude() noexcept;
  /// One process of it alone.
  void add(const ledger& family, const counters& process) noexcept;

  [[nodiscard]] bool has_connections() const noexcept { return report::has_connections(sums_); }
  [[nodiscard]] const counters& sums() const noexcept { return sums_; }
  [[nodiscard]] const char* program() const noexcept { return program_; }
  [[nodiscard]] std::int32_t pid() const noexcept { return pid_; }
  [[nodiscard]] std::uint64_t processes() const noexcept;
  [[nodiscard]] std::uint64_t processes_that(process_state are) const noexcept {
    return of_state_[static_cast<std::size_t>(are)];
  }
  [[nodiscard]] std::int64_t age() const noexcept { return latest_ns_ - earliest_ns_; }
  /// What is held now, or by the last when it ended.
  [[nodiscard]] std::uint64_t footprint_bytes() const noexcept;
  [[nodiscard]] std::uint64_t peak_footprint_bytes() const noexcept { return peak_bytes_; }
  [[nodiscard]] std::uint64_t retain_bytes() const noexcept { return retain_bytes_; }

 private:
  void include(const counters& process) noexcept;
  void include_family(const ledger& family) noexcept;

  counters sums_{};
  const ledger* first_ = nullptr;
  const char* program_ = "";
  std::int32_t pid_ = 0;
  std::uint64_t of_state_[3] = {};
  std::int64_t earliest_ns_ = INT64_MAX;
  std::int64_t latest_ns_ = 0;
  std::int64_t last_end_ns_ = 0;
  std::uint64_t running_bytes_ = 0;
  std::uint64_t last_bytes_ = 0;
  std::uint64_t peak_bytes_ = 0;
  std::uint64_t retain_bytes_ = 0;
};

}  // namespace connarena::shim::report
