#include "shim/handler_safe/process_identity.hpp"

#include <atomic>
#include <unistd.h>

#include "shim/handler_safe/allowed_calls.hpp"

namespace connarena::shim {
namespace {
std::atomic<pid_t> own_process{0};
}  // namespace

bool is_own_process() noexcept {
  const pid_t noted = own_process.load(std::memory_order_relaxed);
  return noted == 0 || !may_ask_process() || noted == getpid();
}

void note_own_process() noexcept { own_process.store(getpid(), std::memory_order_relaxed); }

}  // namespace connarena::shim
