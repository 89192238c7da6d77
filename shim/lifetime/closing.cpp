#include "shim/lifetime/closing.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unwind.h>

#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/inside_core.hpp"

namespace connarena::shim {

namespace {

/// Whether close does not wait for what is still to be sent.
bool closes_at_once(int fd) noexcept {
  if (!may_ask_sockets()) return false;
  const errno_kept kept;
  linger lasts{};
  socklen_t size = sizeof lasts;
  if (getsockopt(fd, SOL_SOCKET, SO_LINGER, &lasts, &size) != 0) return false;
  return lasts.l_onoff == 0 || lasts.l_linger == 0;
}

}  // namespace

constinit thread_local closing_call* closing_call::innermost = nullptr;

void closing_call::begin(does_more what) noexcept {
  const unbroken here;
  before_ = innermost;
  innermost = this;
  connection_ = take_connection(fd_);
  if (is_jump_held() && what == does_more::no && closes_at_once(fd_)) begin_before_jump();
}

void closing_call::end() noexcept {
  const unbroken here;
  innermost = before_;
  if (connection_ != 0) drop_descriptor(connection_);
  if (is_before_jump_) end_before_jump();
}

/// The jump comes before what the thread would be cancelled for, too: signals wait already.
void closing_call::begin_before_jump() noexcept {
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state_);
  is_before_jump_ = true;
  detail::begin_unbroken(detail::in_stretch);
}

void closing_call::end_before_jump() noexcept {
  pthread_setcancelstate(cancel_state_, nullptr);
  detail::end_unbroken(detail::in_stretch);
}

void closing_call::end_left_below(std::uintptr_t stack) noexcept {
  while (innermost != nullptr && reinterpret_cast<std::uintptr_t>(innermost) < stack) end_left();
}

void closing_call::end_left() noexcept {
  if (innermost == nullptr) return;
  const unbroken here;
  const closing_call& left = *innermost;
  innermost = left.before_;
  if (left.connection_ == 0) return;
  const bool is_open = may_ask_sockets() && next().fcntl(left.fd_, F_GETFL) >= 0;
  if (!is_open || !put_back(left.fd_, left.connection_)) drop_descriptor(left.connection_);
}

seen_descriptor see(int fd) noexcept {
  const connection_id connection = connection_at(fd);
  if (connection == 0 || !are_descriptors_known()) return {fd, 0, false};
  const errno_kept kept;
  return {fd, connection, connection == connecting || leads_to(fd, connection)};
}

void note_close_of(const seen_descriptor& closed) noexcept {
  const unbroken here;
  if (closed.connection == 0 || !take_connection(closed.fd, closed.connection)) return;
  if (closed.connection == connecting) return;
  if (!closed.leads_there) note_unseen_close(closed.connection);
  drop_descriptor(closed.connection);
}

seen_range::seen_range(unsigned first, unsigned last) noexcept : end_(last) {
  const std::size_t end = detail::descriptors.end();
  for (std::size_t fd = first; fd < end && fd <= last; ++fd) {
    const seen_descriptor here = see(static_cast<int>(fd));
    if (here.connection == 0) continue;
    if (count_ == most) {
      end_ = static_cast<unsigned>(fd) - 1;
      return;
    }
    seen_[count_++] = here;
  }
}

void seen_range::note_close() const noexcept {
  for (std::size_t i = 0; i < count_; ++i) note_close_of(seen_[i]);
}

}  // namespace connarena::shim

CONNARENA_IS_PERSONALITY _Unwind_Reason_Code connarena_close_is_left(int, _Unwind_Action actions,
                                                                     _Unwind_Exception_Class,
                                                                     _Unwind_Exception*,
                                                                     _Unwind_Context*) {
  if ((actions & _UA_CLEANUP_PHASE) != 0) connarena::shim::closing_call::end_left();
  return _URC_CONTINUE_UNWIND;
}
