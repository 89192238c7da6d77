#include "heap/shelf_account.hpp"

namespace connarena {
namespace {

alignas(64) std::atomic<std::int64_t> all_told{0};
std::atomic<std::int64_t> all_least{0};

}  // namespace

constinit shelf_account_line shelf_accounts[shelf_count];

void shelf_account::set(std::uint64_t bytes) noexcept {
  bytes_.store(bytes, std::memory_order_relaxed);
  if (bytes < least_) tell_least(bytes);
  if (bytes > told()) tell(bytes);
}

void shelf_account::end_epoch() noexcept {
  if (bytes() != least_) tell_least(bytes());
  if (bytes() != told()) tell(bytes());
}

void shelf_account::tell(std::uint64_t bytes) noexcept {
  all_told.fetch_add(static_cast<std::int64_t>(bytes - told()), std::memory_order_relaxed);
  told_.store(bytes, std::memory_order_relaxed);
}

void shelf_account::tell_least(std::uint64_t bytes) noexcept {
  all_least.fetch_add(static_cast<std::int64_t>(bytes - least_), std::memory_order_relaxed);
  least_ = bytes;
}

std::uint64_t shelved_bytes() noexcept {
  std::uint64_t sum = 0;
  for (const shelf_account_line& each : shelf_accounts) sum += each.of.bytes();
  return sum;
}

std::int64_t told_shelved_bytes() noexcept { return all_told.load(std::memory_order_relaxed); }
std::int64_t least_shelved_bytes() noexcept { return all_least.load(std::memory_order_relaxed); }

}  // namespace connarena
