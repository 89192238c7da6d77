// system_calls.cpp - syscall(): a program may make by their numbers the calls that the C
// library has functions for. libuv closes all its descriptors so.
//
// Each is treated as the function is, around the same system call: none becomes a point
// where a thread can be cancelled. All others go straight on to the C library's function,
// by a jump: a call by which a child shares the stack returns twice to the program.
#include <array>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "shim/attribution/evidence.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/calls/address_limits.hpp"
#include "shim/calls/arrivals.hpp"
#include "shim/calls/memory_locks.hpp"
#include "shim/calls/sandbox.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/handler_safe/readable.hpp"
#include "shim/handler_safe/running_handlers.hpp"
#include "shim/lifetime/closing.hpp"
#include "shim/lifetime/idle.hpp"
#include "shim/lifetime/passed_descriptors.hpp"
#include "shim/report/recorder.hpp"

using namespace connarena::shim;

namespace {

using word = unsigned long;

/// A call with its six arguments, which the system may use all or not.
struct system_call {
  long number;
  word words[6];

  long operator()() const noexcept {
    return next().syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
  }
  [[nodiscard]] int number_at(int at) const noexcept { return static_cast<int>(words[at]); }
  [[nodiscard]] int descriptor() const noexcept { return number_at(0); }
  template <typename Pointee>
  [[nodiscard]] Pointee* pointer(int at) const noexcept {
    return reinterpret_cast<Pointee*>(words[at]);
  }
  [[nodiscard]] one_buffer buffer() const noexcept { return {pointer<const void>(1)}; }
  [[nodiscard]] many_buffers buffers() const noexcept {
    return {pointer<const iovec>(1), words[2]};
  }
};

// What each kind of call does. A function of its own has one personality at most.

using treatment = long (*)(const system_call&);

long reads(const system_call& call) { return receive(call.descriptor(), 0, call, call.buffer()); }
long reads_parts(const system_call& call) {
  return receive(call.descriptor(), 0, call, call.buffers());
}
long reads_parts_at(const system_call& call) {
  const int flags = (call.words[5] & RWF_NOWAIT) != 0 ? MSG_DONTWAIT : 0;
  return receive(call.descriptor(), flags, call, call.buffers());
}
long receives(const system_call& call) {
  return receive(call.descriptor(), call.number_at(3), call, call.buffer());
}
long receives_message(const system_call& call) {
  auto* const message = call.pointer<msghdr>(1);
  const long bytes = receive(call.descriptor(), call.number_at(2), call, one_message{message});
  if (bytes >= 0) take_passed_descriptors(*message);
  return bytes;
}
long receives_messages(const system_call& call) {
  auto* const messages = call.pointer<mmsghdr>(1);
  const long received =
      receive(call.descriptor(), call.number_at(3), call, many_messages{messages});
  for (long i = 0; i < received; ++i) take_passed_descriptors(messages[i].msg_hdr);
  return received;
}
long writes(const system_call& call) { return transfer(call.descriptor(), call, call.buffer()); }
long writes_parts(const system_call& call) {
  return transfer(call.descriptor(), call, call.buffers());
}
long sends_message(const system_call& call) {
  return transfer(call.descriptor(), call, one_message{call.pointer<const msghdr>(1)});
}
long sends_messages(const system_call& call) {
  return transfer(call.descriptor(), call, many_messages{call.pointer<const mmsghdr>(1)});
}
long sends_file(const system_call& call) { return transfer(call.descriptor(), call, no_buffer{}); }
long splices(const system_call& call) {
  const int from = call.descriptor();
  return transfer(connection_at(from) != 0 ? from : call.number_at(2), call, no_buffer{});
}

long closes(const system_call& call) { return closing(call.descriptor(), call); }
long closes_range(const system_call& call) {
  const auto close_part = [&](unsigned from, unsigned to) {
    return next().syscall(SYS_close_range, from, to, call.words[2]);
  };
  return closing_range(static_cast<unsigned>(call.words[0]), static_cast<unsigned>(call.words[1]),
                       static_cast<unsigned>(call.words[2]), close_part);
}
long copies(const system_call& call) { return copied(call.descriptor(), static_cast<int>(call())); }
long copies_over(const system_call& call) {
  return copying_over(call.descriptor(), call.number_at(1), call);
}
long controls(const system_call& call) {
  const int command = call.number_at(1);
  return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? copies(call) : call();
}
long joins_others(const system_call& call) {
  const without_helper alone;
  return call();
}
long leaves_descriptors(const system_call& call) {
  const without_helper alone;
  if ((call.words[0] & CLONE_FILES) == 0) return call();
  const leaving_descriptors leaving;
  const long result = call();
  if (result == 0) leaving.is_done();
  return result;
}

long accepts(const system_call& call) { return accepted(waiting_for_one(call.descriptor(), call)); }
long connects(const system_call& call) {
  const long result = call();
  note_connect(call.descriptor(), call.pointer<const sockaddr>(1),
               static_cast<socklen_t>(call.words[2]), result == 0);
  return result;
}
long makes_pair(const system_call& call) {
  const long result = call();
  if (result == 0) note_pair(call.number_at(1), call.pointer<const int>(3));
  return result;
}
long makes_pipe(const system_call& call) {
  const long result = call();
  for (int i = 0; result == 0 && i < 2; ++i) made_descriptor(call.pointer<const int>(0)[i]);
  return result;
}
long makes_descriptor(const system_call& call) { return made_descriptor(static_cast<int>(call())); }

/// For events. Its time is not split: some of these calls write what is left of it.
long waits(const system_call& call) {
  const waiting here;
  serve_none();
  return_due();
  return note_events(static_cast<int>(call()));
}
long waits_for_ring(const system_call& call) {
  return (call.words[3] & IORING_ENTER_GETEVENTS) != 0 && call.words[2] != 0 ? waits(call) : call();
}
/// For something else.
long pauses(const system_call& call) {
  const waiting here;
  return call();
}

long limits(const system_call& call) {
  return limited(call(), call.number_at(0), call.pointer<const rlimit>(1));
}
long limits_a_process(const system_call& call) {
  const long result = call();
  if (!is_calling_process(call.number_at(0))) return result;
  return limited(result, call.number_at(1), call.pointer<const rlimit>(2));
}

long enters_sandbox(const system_call& call) {
  const word flags = call.words[1];
  const void* const filter = call.pointer<const void>(2);
  if (call.words[0] == SECCOMP_SET_MODE_FILTER) {
    return entering(SECCOMP_MODE_FILTER, filter, flags, call);
  }
  if (call.words[0] != SECCOMP_SET_MODE_STRICT || flags != 0 || filter != nullptr) return call();
  return entering(SECCOMP_MODE_STRICT, nullptr, 0, call);
}
long controls_process(const system_call& call) {
  if (call.words[0] != PR_SET_SECCOMP) return call();
  return entering(call.words[1], call.pointer<const void>(2), 0, call);
}

/// As the system has it; its set of signals is longer.
struct system_action {
  handler_address handler;
  word flags;
  handler_address restorer;
  word mask;
};

/// The system has read the program's words before we do; what it keeps of them is changed.
long sets_handler(const system_call& call) {
  const int signal = call.number_at(0);
  const handler_address known = known_handler(signal);
  const long result = call();
  if (result != 0) return result;
  if (auto* const former = call.pointer<system_action>(2)) {
    former->handler = handler_behind(former->handler, known);
  }
  system_action kept{};
  if (call.words[1] == 0 ||
      next().syscall(SYS_rt_sigaction, signal, 0, &kept, sizeof kept.mask) != 0)
    return result;
  const told_handler noted = note_handler(signal, kept.handler);
  if (noted.told == kept.handler) return result;
  kept.handler = noted.told;
  next().syscall(SYS_rt_sigaction, signal, &kept, 0, sizeof kept.mask);
  return result;
}

long ends(const system_call& call) {
  report::finish_at_once();
  return call();
}

long locks_memory(const system_call& call) { return locked_all(call, call.number_at(0)); }
long unlocks_memory(const system_call& call) { return unlocked_all(call); }

struct treated {
  long number;
  treatment how;
};

// clang-format off
constexpr treated table[] = {
    {SYS_read, reads}, {SYS_readv, reads_parts}, {SYS_preadv2, reads_parts_at},
    {SYS_recvfrom, receives}, {SYS_recvmsg, receives_message}, {SYS_recvmmsg, receives_messages},
    {SYS_write, writes}, {SYS_writev, writes_parts}, {SYS_pwritev2, writes_parts},
    {SYS_sendto, writes}, {SYS_sendmsg, sends_message}, {SYS_sendmmsg, sends_messages},
    {SYS_sendfile, sends_file}, {SYS_splice, splices},

    {SYS_close, closes}, {SYS_close_range, closes_range},
    {SYS_dup, copies}, {SYS_dup3, copies_over}, {SYS_fcntl, controls},
    {SYS_unshare, leaves_descriptors}, {SYS_setns, joins_others},

    {SYS_accept, accepts}, {SYS_accept4, accepts}, {SYS_connect, connects},
    {SYS_socketpair, makes_pair}, {SYS_pipe2, makes_pipe},
    {SYS_socket, makes_descriptor}, {SYS_openat, makes_descriptor},
    {SYS_openat2, makes_descriptor}, {SYS_open_by_handle_at, makes_descriptor},
    {SYS_memfd_create, makes_descriptor}, {SYS_epoll_create1, makes_descriptor},
    {SYS_eventfd2, makes_descriptor}, {SYS_signalfd4, makes_descriptor},
    {SYS_timerfd_create, makes_descriptor}, {SYS_inotify_init1, makes_descriptor},
    {SYS_io_uring_setup, makes_descriptor}, {SYS_pidfd_open, makes_descriptor},
    {SYS_perf_event_open, makes_descriptor}, {SYS_userfaultfd, makes_descriptor},
    {SYS_fanotify_init, makes_descriptor},

    {SYS_epoll_pwait, waits}, {SYS_epoll_pwait2, waits}, {SYS_ppoll, waits},
    {SYS_pselect6, waits}, {SYS_io_uring_enter, waits_for_ring},
    {SYS_nanosleep, pauses}, {SYS_clock_nanosleep, pauses}, {SYS_rt_sigsuspend, pauses},
    {SYS_rt_sigtimedwait, pauses}, {SYS_wait4, pauses}, {SYS_waitid, pauses},
    {SYS_exit, pauses},

    {SYS_setrlimit, limits}, {SYS_prlimit64, limits_a_process},
    {SYS_mlockall, locks_memory}, {SYS_munlockall, unlocks_memory},
    {SYS_rt_sigaction, sets_handler}, {SYS_seccomp, enters_sandbox}, {SYS_prctl, controls_process},
    {SYS_exit_group, ends},
#ifdef SYS_open  // a processor that came later has only what can do the same
    {SYS_open, makes_descriptor}, {SYS_creat, makes_descriptor}, {SYS_pipe, makes_pipe},
    {SYS_epoll_create, makes_descriptor}, {SYS_eventfd, makes_descriptor},
    {SYS_signalfd, makes_descriptor}, {SYS_inotify_init, makes_descriptor},
    {SYS_dup2, copies_over}, {SYS_epoll_wait, waits}, {SYS_poll, waits}, {SYS_select, waits},
    {SYS_pause, pauses},
#endif
};
// clang-format on

constexpr long numbers_end = 512;

/// In place of a place in the table: a child may come back with its parent's stack.
constexpr unsigned char makes_child = 255;
static_assert(std::size(table) < makes_child);
constexpr long child_calls[] = {SYS_clone, SYS_clone3,
#ifdef SYS_vfork
                                SYS_vfork
#endif
};

constexpr auto make_index() noexcept {
  std::array<unsigned char, numbers_end> index{};
  for (std::size_t i = 0; i < std::size(table); ++i) {
    index[static_cast<std::size_t>(table[i].number)] = static_cast<unsigned char>(i + 1);
  }
  for (const long number : child_calls) index[static_cast<std::size_t>(number)] = makes_child;
  return index;
}

}  // namespace

/// By number: 0 for what goes straight on, else one more than the place in the table, or
/// `makes_child`.
extern "C" {
using index_of_calls = std::array<unsigned char, numbers_end>;
extern const index_of_calls connarena_treated_calls __attribute__((visibility("hidden")));
__attribute__((used)) constexpr index_of_calls connarena_treated_calls = make_index();
}

// syscall itself, in shim/processor, compares with them.
static_assert(numbers_end == 512 && makes_child == 255);

/// Before a call that makes a child. What is next is known then.
extern "C" __attribute__((visibility("hidden"), used)) void connarena_note_child(
    long number, word first) noexcept {
  static_cast<void>(next());
  if (number == SYS_clone) return note_clone(first);
  if (number != SYS_clone3) return note_vfork();
  const auto* const asked = reinterpret_cast<const std::uint64_t*>(first);
  if (is_readable(asked, sizeof *asked)) note_clone(*asked);
}

/// For a number that is treated, or before the next function is known.
extern "C" __attribute__((visibility("hidden"), used)) long connarena_treat_call(
    long number, word first, word second, word third, word fourth, word fifth, word sixth) {
  const system_call call{number, {first, second, third, fourth, fifth, sixth}};
  const bool is_listed = number >= 0 && number < numbers_end;
  const std::size_t place =
      is_listed ? connarena_treated_calls[static_cast<std::size_t>(number)] : 0;
  return place != 0 ? table[place - 1].how(call) : call();
}
