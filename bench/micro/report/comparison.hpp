// comparison.hpp - ratios between contenders of the same round.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "report/catalogue.hpp"
#include "report/measurements.hpp"

namespace report {

/// The middle and the ends of what the rounds gave.
struct spread {
  double median;
  double least;
  double most;
};

[[nodiscard]] std::optional<spread> spread_of(std::vector<double> values);

enum class harness { included, subtracted };

/// Reads measurements; every figure is empty where a contender is left out.
class comparison {
 public:
  explicit comparison(const measurements& all) : all_(all) {}

  [[nodiscard]] const measurements& all() const noexcept { return all_; }
  [[nodiscard]] std::optional<spread> time_ns(const std::string& work,
                                              const std::string& contender) const;
  [[nodiscard]] std::optional<spread> counter(const std::string& work, const std::string& contender,
                                              const std::string& name) const;

  /// Round by round, time of `one` by time of `other`. With the harness
  /// subtracted it is empty where too little of `other` would be left.
  [[nodiscard]] std::optional<spread> ratio(const std::string& work, const std::string& one,
                                            const std::string& other, harness loop) const;
  /// Round by round, the time at `work` by the time at `other_work`.
  [[nodiscard]] std::optional<spread> ratio_of_works(const std::string& work,
                                                     const std::string& other_work,
                                                     const std::string& contender) const;

  /// Whether all but the retention floor was back when the close returned.
  [[nodiscard]] bool returns_memory(const work& row, const std::string& contender) const;

  /// The peer with the least median; empty where there is none.
  [[nodiscard]] std::string fastest_peer(const work& row) const;
  [[nodiscard]] std::string fastest_malloc(const work& row) const;
  [[nodiscard]] std::string fastest_heap(const work& row) const;
  [[nodiscard]] std::string fastest_checked_malloc(const work& row) const;
  [[nodiscard]] std::string fastest_returning_peer(const work& row) const;

 private:
  [[nodiscard]] std::optional<double> time_in(const std::string& work, const std::string& contender,
                                              int round, harness loop) const;
  [[nodiscard]] std::string fastest(const work& row,
                                    const std::function<bool(const contender&)>& counts) const;

  const measurements& all_;
};

}  // namespace report
