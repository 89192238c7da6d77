#include "shim/lifetime/limits.hpp"

#include <atomic>

#include "api/core.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/lifetime/connections.hpp"
#include "shim/lifetime/disconnect.hpp"
#include "shim/settings/settings.hpp"

namespace connarena::shim {
namespace {

/// Who looks does so for those that come meanwhile: they ask for another look.
constinit std::atomic<unsigned> looks_wanted{0};

/// Where nobody is left who may go, a look is worth it when so much more is held.
constinit std::atomic<std::size_t> no_look_below{0};

bool may_go(const connection_view& each) noexcept {
  return each.is_open && !each.is_exempt && !each.is_leaving && each.arena != 0;
}

void disconnect_above_limit() noexcept {
  if (current_limits().over != over_limit::disconnects) return;
  for_each_connection([](const connection_view& each) noexcept {
    if (may_go(each) && core::is_above_limit(each.arena)) {
      disconnect(each.id, disconnect_reason::limit);
    }
  });
}

connection_id largest() noexcept {
  connection_id found = 0;
  std::size_t most = 0;
  for_each_connection([&](const connection_view& each) noexcept {
    const std::size_t bytes = may_go(each) ? core::footprint(each.arena) : 0;
    if (bytes <= most) return;
    most = bytes;
    found = each.id;
  });
  return found;
}

void disconnect_until_within_budget() noexcept {
  const std::size_t budget = current_limits().budget_bytes;
  while (core::watched_bytes() > budget && core::watched_bytes() >= no_look_below.load()) {
    const connection_id next = largest();
    if (next != 0 && disconnect(next, disconnect_reason::budget)) continue;
    if (next != 0 && may_disconnect()) continue;  // it has closed meanwhile
    no_look_below.store(core::watched_bytes() + budget / 64);
    return;
  }
}

void look_for_those_to_go() noexcept {
  // acq_rel: what the one before found is seen
  if (looks_wanted.fetch_add(1, std::memory_order_acq_rel) != 0) return;
  unsigned seen = 1;
  do {
    disconnect_above_limit();
    disconnect_until_within_budget();
    // whoever came meanwhile left it to this one
  } while (!looks_wanted.compare_exchange_strong(seen, 0, std::memory_order_acq_rel));
}

void set(const limit_choice& to) noexcept {
  detail::over.store(to.over, std::memory_order_relaxed);
  detail::limit_bytes.store(to.limit_bytes, std::memory_order_relaxed);
  detail::budget_bytes.store(to.budget_bytes, std::memory_order_relaxed);
  no_look_below.store(0);
  core::set_watch_limits({to.limit_bytes, to.budget_bytes, to.over == over_limit::fails},
                         [](core::handle) noexcept { look_for_those_to_go(); });
  if (to.limit_bytes != SIZE_MAX || to.budget_bytes != SIZE_MAX) detail::are_watched.store(true);
}

}  // namespace

void start_limits() noexcept {
  const limit_choice& wanted = current_settings.limits;
  if (wanted.limit_bytes == SIZE_MAX && wanted.budget_bytes == SIZE_MAX) return;
  set(wanted);
}

void change_limits(const limit_choice& to) noexcept {
  set(to);
  {
    const inside_core inside;
    for_each_connection([](const connection_view& each) noexcept {
      if (each.is_open && each.arena != 0) core::watch_arena(each.arena, each.is_exempt);
    });
  }
  look_for_those_to_go();
}

}  // namespace connarena::shim
