#include "arena/helper.hpp"

#include <atomic>

#include "heap/demand.hpp"
#include "heap/threads.hpp"
#include "os/os.hpp"
#include "os/patience.hpp"

namespace connarena {
namespace {

// About a second.
constexpr int most_looks_in_vain = 4;

std::atomic<bool> are_refused{false};     ///< the system makes no more threads for us
std::atomic<std::uint32_t> forbidden{0};  ///< how often; a helper sleeps on it
std::atomic<bool> is_busy{false};         ///< a helper runs, or is about to
std::atomic<int> thread_number{0};        ///< of the last one
helpful_work work = nullptr;              ///< written before the thread starts

bool is_forbidden() noexcept { return forbidden.load(std::memory_order_relaxed) != 0; }

std::atomic<helper_use> use{default_helper_use};
std::atomic<may_start_here> ask_host{nullptr};

bool may_start_in_this_place() noexcept {
  const may_start_here ask = ask_host.load(std::memory_order_relaxed);
  return ask == nullptr || ask();
}

bool is_wanted() noexcept {
  const helper_use now = use.load(std::memory_order_relaxed);
  const bool is_place =
      now == helper_use::on || (now == helper_use::automatic && may_have_other_threads());
  return is_place && !are_refused.load(std::memory_order_relaxed) && !is_forbidden();
}

void wait_for(std::int64_t ns) noexcept {
  os::wait_for(reinterpret_cast<std::uint32_t*>(&forbidden), 0, ns);
}

/// Where nothing is left by the exact counts, but by the shared ones, or the system takes
/// nothing, it stays for some looks more: whoever sees those would start the next helper.
void return_all_in_time() noexcept {
  for (int in_vain = 0; !is_forbidden() && in_vain < most_looks_in_vain;) {
    const std::int64_t next_ns = work();
    if (next_ns < 0 && !demand::has_excess()) return;
    in_vain = next_ns < 0 ? in_vain + 1 : 0;
    if (next_ns != 0) wait_for(next_ns > 0 ? next_ns : demand::epoch_ns());
  }
}

void help() noexcept {
  thread_number.store(os::this_thread_number());
  do {
    return_all_in_time();
    // acquire: pairs with the exchange in call_helper: who came too early for a helper of his
    // own added to the excess before.
    is_busy.exchange(false);
  } while (is_wanted() && demand::excess_bytes() > 0 && !is_busy.exchange(true));
}

}  // namespace

void forbid_helper() noexcept {
  forbidden.fetch_add(1);
  os::wake_one(reinterpret_cast<std::uint32_t*>(&forbidden));
  patience waiting;
  while (is_busy.load()) waiting.wait();
  // What the system does at a thread's end it does by calls as well.
  const int last = thread_number.load();
  while (last != 0 && os::is_running(last)) waiting.wait();
  thread_number.store(0);
}

void set_helper_use(helper_use wanted) noexcept { use.store(wanted, std::memory_order_relaxed); }

void ask_before_helper(may_start_here ask) noexcept {
  ask_host.store(ask, std::memory_order_relaxed);
}

void let_helper() noexcept { forbidden.fetch_sub(1); }

void call_helper(helpful_work wanted) noexcept {
  if (!is_wanted() || has_helper() || !may_start_in_this_place()) return;
  if (is_busy.exchange(true)) return;
  work = wanted;
  if (!is_forbidden() && os::start_thread(help, "connarena")) return;
  is_busy.store(false);
  // Asking each time would cost.
  if (!is_forbidden()) are_refused.store(true, std::memory_order_relaxed);
}

// Relaxed: who just misses a helper's end leaves it to his next slow call or wait.
bool has_helper() noexcept { return is_busy.load(std::memory_order_relaxed); }
bool may_start_helper() noexcept { return !has_helper() && is_wanted(); }

void forget_helper() noexcept {
  is_busy.store(false);
  thread_number.store(0);
}

}  // namespace connarena
