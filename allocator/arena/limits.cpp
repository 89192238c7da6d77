#include "arena/limits.hpp"

#include "arena/lane/access.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/runs/run_list.hpp"
#include "arena/small/spans.hpp"
#include "arena/small/sweep.hpp"
#include "base/errno_kept.hpp"
#include "heap/lane_table.hpp"

namespace connarena {
namespace {

/// By the arena's first lane; under its runs_lock.
struct listener {
  connarena_limit_callback* passed;
  void* context;
};
constinit lane_table<listener> listeners{};

void call_at_once(connarena_limit_callback* passed, void* context, connarena_t arena,
                  std::size_t footprint_bytes) noexcept {
  passed(context, arena, footprint_bytes);
}
constinit std::atomic<soft_limit_caller> soft_call{call_at_once};
constinit std::atomic<over_limit> over_call{nullptr};

/// Pages that the lane has not come to are charged when it does: as any others are.
void begin_charge_in(lane& in) noexcept {
  if (!in.has_spare) return;
  give_spare(in);
  update_account(in);
}

void begin_charge_of(lane& first, lane* second) noexcept {
  if (has_limit(first)) return;
  begin_charge_in(first);
  if (second != nullptr) begin_charge_in(*second);
  note_peak_of_runs(first);
  begin_charge(first, sum_of_footprint(first));
}

/// Calls `act` where the arena is charged and nobody changes what it holds. Gives what that
/// gives, or ESTALE.
template <typename Act>
int in_charged_arena(lane& first, connarena_t handle, Act act) noexcept {
  if (!first.any_thread) {
    begin_charge_of(first, nullptr);
    return act();
  }
  const visit inside(first);
  if (!is_of(first, handle)) return ESTALE;
  lane* const second = second_of(first);
  if (second == nullptr) {
    const runs_lock guard(first);
    begin_charge_of(first, nullptr);
    return act();
  }
  const visit inside_second(*second, visit_to::look, lock_rank::second_lane);
  const runs_lock guard(first);
  begin_charge_of(first, second);
  return act();
}

std::size_t footprint_with_metadata(const lane& first) noexcept {
  const lane* const second = second_of(first);
  return charged_bytes(first) + metadata_bytes(first) +
         (second != nullptr ? metadata_bytes(*second) : 0);
}

}  // namespace

int set_limit(lane& first, connarena_t handle, std::size_t limit_bytes) noexcept {
  return in_charged_arena(first, handle, [&] {
    first.limit_quarters = std::min(limit_in_quarters(limit_bytes), most_limit);
    return 0;
  });
}

int set_soft_limit(lane& first, connarena_t handle, std::size_t bytes,
                   connarena_limit_callback* passed, void* context) noexcept {
  const int result = in_charged_arena(first, handle, [&] {
    if (passed == nullptr) return end_soft_limit(first), 0;
    listener* const its = listeners.make(first.index);
    if (its == nullptr || !begin_soft_limit(first, beside_metadata(bytes))) return ENOMEM;
    *its = {passed, context};
    return 0;
  });
  if (result == 0 && first.any_thread) notify(first, handle);
  return result;
}

void set_soft_limit_caller(soft_limit_caller caller) noexcept {
  soft_call.store(caller, std::memory_order_release);
}

void set_over_limit(over_limit call) noexcept { over_call.store(call, std::memory_order_release); }

int watch_arena(lane& first, connarena_t handle, bool is_exempt) noexcept {
  return in_charged_arena(first, handle, [&] {
    begin_watch(first, is_exempt ? charge_flag::exempt : 0);
    return 0;
  });
}

void excuse_arena(lane& first, connarena_t handle) noexcept {
  const runs_lock guard(first);
  if (is_of(first, handle)) excuse(first);
}

[[gnu::noinline]] void deliver_notice(lane& first, connarena_t handle) noexcept {
  const errno_kept kept;
  listener its{};
  std::uint64_t notices = 0;
  {
    const runs_lock guard(first);
    if (!first.any_thread || is_of(first, handle)) notices = take_notices(first);
    if ((notices & charge_flag::notice) != 0) its = *listeners.find(first.index);
  }
  if (its.passed != nullptr) {
    // acquire: pairs with the release in set_soft_limit_caller
    const soft_limit_caller call = soft_call.load(std::memory_order_acquire);
    call(its.passed, its.context, first.any_thread ? handle : 0, footprint_with_metadata(first));
  }
  // acquire: pairs with the release in set_over_limit
  const over_limit over = over_call.load(std::memory_order_acquire);
  if ((notices & charge_flag::over) != 0 && over != nullptr) over(handle);
}

}  // namespace connarena
