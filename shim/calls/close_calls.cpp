// close_calls.cpp - the calls by which descriptors go and are copied.
//
// A descriptor's word is taken out before the call and its connection ended after
// it. A range is ended before: nobody can remember so many. A thread that is cancelled in
// the call may have closed the descriptor or not: where it is still open, its word is put
// back.
#include <cstdarg>
#include <cstdio>
#include <unwind.h>

#include "shim/attribution/ambient.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/personality.hpp"
#include "shim/lifetime/descriptors.hpp"

using namespace connarena::shim;

namespace {

/// A call that closes a connection's descriptor, for as long as this lives. One that a
/// handler makes in another is listed before that.
class closing_call {
 public:
  [[gnu::always_inline]] closing_call(int fd, connection_id connection) noexcept
      : fd_(fd), connection_(connection), before_(innermost) {
    CONNARENA_PERSONALITY(connarena_close_is_left);
    innermost = this;
  }
  ~closing_call() {
    innermost = before_;
    drop_descriptor(connection_);
  }
  closing_call(const closing_call&) = delete;
  closing_call& operator=(const closing_call&) = delete;

  /// The thread has left the innermost of its calls, or one that closes something else.
  static void end_left() noexcept {
    if (innermost == nullptr) return;
    const closing_call& left = *innermost;
    innermost = left.before_;
    const bool is_open = may_ask_sockets() && next().fcntl(left.fd_, F_GETFL) >= 0;
    if (!is_open || !put_back(left.fd_, left.connection_)) drop_descriptor(left.connection_);
  }

 private:
  static constinit thread_local closing_call* innermost __attribute__((tls_model("initial-exec")));
  int fd_;
  connection_id connection_;
  closing_call* before_;
};
constinit thread_local closing_call* closing_call::innermost = nullptr;

/// Makes a call that closes a descriptor, whatever the call returns.
template <typename Call>
auto closing(int fd, Call call) {
  const connection_id connection = connection_at(fd);
  if (connection == 0) return call();
  const connection_id taken = take_connection(fd);
  if (taken == 0) return call();
  const closing_call here(fd, taken);
  return call();
}

/// After a call that returned a copy of a descriptor, or -1.
int copied(int original, int copy) noexcept {
  if (copy >= 0 && copy != original) copy_connection(original, copy);
  return copy;
}

/// dup2 and dup3 close what the number was, if they succeed.
template <typename Call>
int copying_over(int original, int over, Call call) noexcept {
  if (connection_at(original) == 0 && connection_at(over) == 0) return call();
  if (original == over) return call();
  return copied(original, call());
}

bool copies_descriptor(int command) noexcept {
  return command == F_DUPFD || command == F_DUPFD_CLOEXEC;
}

int descriptor_of(FILE* stream) noexcept { return stream != nullptr ? fileno(stream) : -1; }

}  // namespace

CONNARENA_IS_PERSONALITY _Unwind_Reason_Code connarena_close_is_left(int, _Unwind_Action actions,
                                                                     _Unwind_Exception_Class,
                                                                     _Unwind_Exception*,
                                                                     _Unwind_Context*) {
  if ((actions & _UA_CLEANUP_PHASE) != 0) closing_call::end_left();
  return _URC_CONTINUE_UNWIND;
}

CONNARENA_REPLACES int close(int fd) {
  return closing(fd, [=] { return next().close(fd); });
}

CONNARENA_REPLACES int close_range(unsigned first, unsigned last, int flags) noexcept {
  const bool only_marks = (static_cast<unsigned>(flags) & CLOSE_RANGE_CLOEXEC) != 0;
  if (!only_marks && first <= last) drop_connections(first, last);
  return next().close_range(first, last, flags);
}

CONNARENA_REPLACES void closefrom(int lowest) noexcept {
  drop_connections(lowest > 0 ? static_cast<unsigned>(lowest) : 0, ~0u);
  next().closefrom(lowest);
}

CONNARENA_REPLACES int dup(int fd) noexcept { return copied(fd, next().dup(fd)); }

CONNARENA_REPLACES int dup2(int fd, int over) noexcept {
  return copying_over(fd, over, [=] { return next().dup2(fd, over); });
}

CONNARENA_REPLACES int dup3(int fd, int over, int flags) noexcept {
  return copying_over(fd, over, [=] { return next().dup3(fd, over, flags); });
}

// The third argument is passed on whatever its type: it travels in a register.

CONNARENA_REPLACES int fcntl(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  const int result = next().fcntl(fd, command, argument);
  return copies_descriptor(command) ? copied(fd, result) : result;
}

CONNARENA_REPLACES int fcntl64(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  const int result = next().fcntl64(fd, command, argument);
  return copies_descriptor(command) ? copied(fd, result) : result;
}

CONNARENA_REPLACES int fclose(FILE* stream) {
  return closing(descriptor_of(stream), [=] { return next().fclose(stream); });
}

CONNARENA_REPLACES FILE* freopen(const char* path, const char* mode, FILE* stream) {
  return closing(descriptor_of(stream), [=] { return next().freopen(path, mode, stream); });
}

CONNARENA_REPLACES FILE* freopen64(const char* path, const char* mode, FILE* stream) {
  return closing(descriptor_of(stream), [=] { return next().freopen64(path, mode, stream); });
}
