// disconnect.hpp - connections that are to go: an orderly shutdown, which the program sees as
// its peer leaving, and one line about it.
//
// What cannot be done where it is asked for, since the thread has descriptors of its own or
// another is closing some, is done by whoever comes next. Threads: any; in signal handlers,
// too.
#pragma once

#include "shim/handler_safe/inside_core.hpp"
#include "shim/lifetime/connections.hpp"

namespace connarena::shim {

enum class disconnect_reason : unsigned char { limit, budget, request };

/// False if the connection has closed, or has been disconnected before. errno stays.
bool disconnect(connection_id connection, disconnect_reason why) noexcept;

/// Whether the process may do that.
[[nodiscard]] bool may_disconnect() noexcept;

/// Around a call that closes descriptors whose words are still there.
class blind_close {
 public:
  blind_close() noexcept;
  ~blind_close();
  blind_close(const blind_close&) = delete;
  blind_close& operator=(const blind_close&) = delete;

 private:
  unbroken here_;
};

/// The calling thread alone is left.
void reset_disconnects_in_child() noexcept;

}  // namespace connarena::shim
