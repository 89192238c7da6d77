// closing.hpp - what is done around a call by which descriptors go or are copied, whether
// it is the C library's function or a bare system call.
//
// A descriptor's word is taken out before the call and its connection ended after it:
// another thread may get the number at once. Of a range, what was there before the call is
// remembered, and ended when the system says that it has closed the range. A thread that is
// cancelled in the call may have closed the descriptor or not: where it is still open, its
// word is put back. A handler's jump that comes while the word is taken out is made after
// the call: left there, the descriptor would stay open, for which the program alone has
// hardly an instant. Where the call may wait, the jump is made before it.
#pragma once

#include "shim/handler_safe/known_descriptors.hpp"
#include "shim/handler_safe/personality.hpp"
#include "shim/lifetime/descriptors.hpp"
#include "shim/lifetime/disconnect.hpp"
#include "shim/lifetime/lone_wait.hpp"

namespace connarena::shim {

/// Whether a call that closes a descriptor may do more that waits, as writing a stream's
/// last bytes.
enum class does_more : bool { no, yes };

/// A call that closes a connection's descriptor, for as long as this lives. One that a
/// handler makes in another is listed before that.
class closing_call {
 public:
  [[gnu::always_inline]] closing_call(int fd, does_more what) noexcept : fd_(fd) {
    CONNARENA_PERSONALITY(connarena_close_is_left);
    begin(what);
  }
  ~closing_call() { end(); }
  closing_call(const closing_call&) = delete;
  closing_call& operator=(const closing_call&) = delete;

  /// The thread has left the innermost of its calls, or one that closes something else.
  static void end_left() noexcept;
  /// It has jumped to a stack that is above their places.
  static void end_left_below(std::uintptr_t stack) noexcept;

 private:
  void begin(does_more what) noexcept;
  void end() noexcept;
  void begin_before_jump() noexcept;
  void end_before_jump() noexcept;

  static constinit thread_local closing_call* innermost __attribute__((tls_model("initial-exec")));
  int fd_;
  bool is_before_jump_ = false;  ///< that is held until the call is made
  int cancel_state_ = 0;         ///< while that is so: of before
  connection_id connection_ = 0;
  closing_call* before_ = nullptr;
};

/// Makes a call that closes a descriptor, whatever the call returns.
template <typename Call>
auto closing(int fd, Call call, does_more what = does_more::no) {
  forget_input(fd);
  if (connection_at(fd) == 0) return call();
  const closing_call here(fd, what);
  return call();
}

/// After a call that returned a copy of a descriptor, or -1.
inline int copied(int original, int copy) noexcept {
  if (copy >= 0 && copy != original) copy_connection(original, copy);
  return copy;
}

/// What a descriptor is before a call that closes it if it succeeds.
struct seen_descriptor {
  int fd;
  connection_id connection;
  bool leads_there;  ///< to the connection's socket still
};
[[nodiscard]] seen_descriptor see(int fd) noexcept;
/// The call has succeeded.
void note_close_of(const seen_descriptor& closed) noexcept;

/// dup2 and dup3 close what the number was, if they succeed.
template <typename Call>
auto copying_over(int original, int over, Call call) noexcept {
  forget_input(over);
  if (connection_at(original) == 0 && connection_at(over) == 0) return call();
  if (original == over) return call();
  const blind_close meanwhile;
  const seen_descriptor before = see(over);
  const auto copy = call();
  if (copy < 0) return copy;
  note_close_of(before);
  copy_connection(original, over);
  return copy;
}

/// Those of a range, from its start, that are connections' before a call that closes it.
class seen_range {
 public:
  seen_range(unsigned first, unsigned last) noexcept;
  /// Up to here: the range's end, unless it has more connections than can be remembered.
  [[nodiscard]] unsigned end() const noexcept { return end_; }
  void note_close() const noexcept;

 private:
  static constexpr std::size_t most = 128;
  unsigned end_;
  std::size_t count_ = 0;
  seen_descriptor seen_[most];
};

/// Makes `call(first, last)` for the range, or for each part of it; 0 is success.
template <typename Call>
auto closing_range(unsigned first, unsigned last, Call call) noexcept {
  forget_input(detail::last_input.fd);
  for (;;) {
    const blind_close meanwhile;
    const seen_range part(first, last);
    const auto result = call(first, part.end());
    if (result != 0) return result;
    part.note_close();
    if (part.end() == last) return result;
    first = part.end() + 1;
  }
}

/// close_range: `call(first, last)` is the call itself, with these flags.
template <typename Call>
auto closing_range(unsigned first, unsigned last, unsigned flags, Call call) noexcept {
  constexpr unsigned unshares = 1U << 1;  // CLOSE_RANGE_UNSHARE
  constexpr unsigned marks = 1U << 2;     // CLOSE_RANGE_CLOEXEC
  if ((flags & ~(unshares | marks)) != 0 || first > last) return call(first, last);
  if ((flags & unshares) != 0) {
    leaving_descriptors leaving;
    if (leaving.others_share()) {
      const auto result = call(first, last);
      if (result == 0) leaving.is_done();
      return result;
    }
  }
  return (flags & marks) != 0 ? call(first, last) : closing_range(first, last, call);
}

}  // namespace connarena::shim
