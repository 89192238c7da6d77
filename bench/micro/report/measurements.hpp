// measurements.hpp - all that was measured: work by work, contender by contender,
// round by round. Read from Google Benchmark's JSON, one file for each process.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace report {

/// One contender at one work in one round.
struct sample {
  double ns = 0;  ///< for one operation
  std::map<std::string, double> counters;
};

/// One contender at one work, in every round.
struct series {
  std::map<int, sample> by_round;
  std::string refusal;  ///< why there is no sample, where the contender said so
};

class measurements {
 public:
  /// Reads FOLDER/ROUND/*.json. Throws what nlohmann::json throws, and
  /// std::runtime_error where there is none.
  explicit measurements(const std::filesystem::path& folder);

  [[nodiscard]] std::size_t rounds() const noexcept { return rounds_; }
  [[nodiscard]] bool has(const std::string& work) const { return works_.count(work) != 0; }
  /// Null where this contender did not do this work, or never well.
  [[nodiscard]] const series* find(const std::string& work, const std::string& contender) const;
  /// All samples as CSV, for others to count again.
  void write_csv(const std::filesystem::path& file) const;

 private:
  void read(const std::filesystem::path& file, int round);

  std::map<std::string, std::map<std::string, series>> works_;
  std::size_t rounds_ = 0;
};

}  // namespace report
