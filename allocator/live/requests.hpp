// requests.hpp - what a process is asked to do while it runs, in its live figures.
//
// One request at a time: whoever asks holds `asker`, writes the request while `asked` is odd,
// and makes it the next even number. The process takes a copy of it, which counts if `asked`
// is still the same afterwards, and says in `answered` which one it has carried out.
//
// Who may write here is who may end the process. It trusts nothing that it finds: numbers
// are looked up, and what is no request is answered as such. Whoever asks trusts the answer
// no further than its words.
#pragma once

#include <atomic>
#include <cstdint>

namespace connarena::live {

enum class request_kind : std::uint32_t { none, set_limits, disconnect };

enum class request_answer : std::uint32_t {
  none,
  done,
  no_such_connection,
  not_possible,  ///< the process's sandbox forbids it
  not_understood,
};

/// What set_limits sets.
namespace request_part {
inline constexpr std::uint32_t limit = 1;
inline constexpr std::uint32_t over_limit = 2;
inline constexpr std::uint32_t budget = 4;
}  // namespace request_part

struct request_box {
  std::atomic<std::int32_t> asker;  ///< the process that asks; 0: nobody
  std::atomic<std::uint32_t> asked;
  std::atomic<std::uint32_t> answered;
  std::atomic<request_answer> answer;
  std::atomic<request_kind> kind;
  std::atomic<std::uint32_t> parts;
  std::atomic<std::uint64_t> connection;
  std::atomic<std::uint64_t> limit_bytes;  ///< UINT64_MAX: none, as of the next
  std::atomic<std::uint64_t> budget_bytes;
  std::atomic<bool> fails;  ///< over_limit: else it disconnects
};

[[nodiscard]] inline bool is_asked(const request_box& in) noexcept {
  // acquire: pairs with the release of who asks
  const std::uint32_t asked = in.asked.load(std::memory_order_acquire);
  return asked % 2 == 0 && asked != in.answered.load(std::memory_order_relaxed);
}

}  // namespace connarena::live
