// trial.hpp - one program under one allocator, once.
//
// The first part runs the load and ends 1 s after the connections closed; the
// second waits, idle, for the figure after 15 s, and may do so on a thread of
// its own while the next trial runs. A brief trial does without that figure, and
// without the samples: nothing runs beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loads/load.hpp"
#include "process/allocator_choice.hpp"
#include "process/sampler.hpp"

namespace demo {

struct curve_point {
  double seconds;  ///< since the connections closed; negative before
  double resident_mib;
};

struct trial_result {
  std::string program;
  std::string allocator;
  int round = 0;
  load_outcome outcome;
  double cpu_seconds = 0;         ///< the program's, over the load phase
  std::uint64_t page_faults = 0;  ///< likewise
  std::uint64_t before_bytes = 0;
  std::uint64_t peak_bytes = 0;
  std::uint64_t after_1s_bytes = 0;
  std::optional<std::uint64_t> after_15s_bytes;  ///< unless it was brief
  std::uint64_t held_bytes = 0;                  ///< as the program says, beyond its start
  std::vector<curve_point> curve;                ///< empty if it was brief
  std::string failure;                           ///< empty if all went well
};

class trial {
 public:
  /// Without `samples` it is brief.
  trial(const program& what, const allocator_choice& allocator, int round, sampler* samples);

  /// Up to 1 s after the close. A failure is kept for finish().
  /// Pre: on the demo's main thread.
  void run();

  /// The rest; ends the program.   Threads: any one, after run().
  [[nodiscard]] trial_result finish();

 private:
  void measure_load();
  void measure_idle();

  const program& program_;
  const allocator_choice& allocator_;
  sampler* sampler_;
  std::unique_ptr<load> load_;
  trial_result result_;
  clock::time_point closed_at_;
};

/// What glibc leaves resident after the same load once malloc_trim(0) has run
/// inside the program: the least that glibc's layout of the live blocks allows.
/// Fails: as a trial does.   Pre: on the demo's main thread.
[[nodiscard]] std::uint64_t resident_after_trim(const program& what, const allocator_choice& glibc,
                                                const std::filesystem::path& trim_library);

}  // namespace demo
