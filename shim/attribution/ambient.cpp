#include "shim/attribution/ambient.hpp"

#include <algorithm>

#include "shim/attribution/unclaimed.hpp"
#include "shim/beneath/next_operators.hpp"
#include "shim/lifetime/live_rows.hpp"
#include "shim/settings/settings.hpp"

namespace connarena::shim {

constinit thread_local thread_state this_thread_state __attribute__((tls_model("initial-exec")));

void choose_direct_sizes() noexcept {
  thread_state& self = this_thread_state;
  const bool takes_small = current_settings.small &&
                           (self.serving != 0 || self.may_have_job || core::current_arena() != 0);
  self.cores_from = std::max<std::size_t>(takes_small ? 1 : current_settings.min_size_bytes, 1);
  self.direct_below = core::is_hardened() ? 0 : self.cores_from;
  self.new_direct_below = are_operators_ours() ? self.direct_below : 0;
}

void serve(connection_id connection) noexcept {
  if (connection == 0) {
    end_stretch();
  } else {
    claim_for(connection);
  }
  if (this_thread_state.serving == connection) return;
  if (this_thread_state.serving != 0) show_on_leaving(this_thread_state.serving);
  this_thread_state.serving = connection;
  this_thread_state.last_sign = sign::received;
  if (connection != 0) note_server(connection);
  choose_direct_sizes();
}

core::handle ambient_arena() noexcept {
  const connection_id serving = this_thread_state.serving;
  if (serving == 0) return 0;
  const core::handle arena = arena_of(serving);
  if (arena == 0) serve_none();
  return arena;
}

}  // namespace connarena::shim
