// bad_pointers_program [untidy] - prints what becomes of calls with addresses that the
// system refuses; with "untidy" in a program that has memory to return. The calls that the
// C library itself would fault in are not here.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

#include "programs/pair_of_ends.hpp"

namespace {

/// What it points to is not there. The compiler does not know.
template <typename Pointee>
Pointee* nowhere() {
  Pointee* volatile address = reinterpret_cast<Pointee*>(8);
  return address;
}

void use_and_free() {
  constexpr std::size_t block_bytes = std::size_t{1} << 18;
  std::vector<void*> blocks;
  for (int i = 0; i < 64; ++i) blocks.push_back(malloc(block_bytes));
  for (void* const block : blocks) std::memset(block, 1, block_bytes);
  for (void* const block : blocks) free(block);
}

template <typename Call>
void say(const char* name, Call call) {
  errno = 0;
  const long result = static_cast<long>(call());
  const int error = errno;
  std::printf("%s: %ld, errno %d\n", name, result, error);
  std::fflush(stdout);
}

void try_sleeps() {
  say("nanosleep", [] { return nanosleep(nowhere<timespec>(), nullptr); });
  say("clock_nanosleep",
      [] { return clock_nanosleep(CLOCK_MONOTONIC, 0, nowhere<timespec>(), nullptr); });
  say("clock_nanosleep until",
      [] { return clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, nowhere<timespec>(), nullptr); });
  say("sigtimedwait",
      [] { return sigtimedwait(nowhere<sigset_t>(), nullptr, nowhere<timespec>()); });
}

void try_waits_for_events() {
  const int epoll = epoll_create1(0);
  say("epoll_pwait2", [=] {
    epoll_event event;
    return epoll_pwait2(epoll, &event, 1, nowhere<timespec>(), nullptr);
  });
  say("epoll_wait", [=] { return epoll_wait(epoll, nowhere<epoll_event>(), 0, 100); });
  say("poll", [] { return poll(nowhere<pollfd>(), 1, 100); });
  for (int i = 0; i < 3; ++i) {
    fd_set* sets[3] = {};
    sets[i] = nowhere<fd_set>();
    timeval time{1, 0};
    say("select", [&] { return select(1, sets[0], sets[1], sets[2], &time); });
    const timespec same{1, 0};
    say("pselect", [&] { return pselect(1, sets[0], sets[1], sets[2], &same, nullptr); });
  }
  close(epoll);
}

void try_transfers() {
  const programs::pair_of_ends ends = programs::connect_pair();
  programs::expect(write(ends[0], "some", 4) == 4 && write(ends[1], "some", 4) == 4);
  const int fd = ends[0];
  say("read", [=] { return read(fd, nowhere<void>(), 4); });
  say("write", [=] { return write(fd, nowhere<void>(), 4); });
  say("readv", [=] { return readv(fd, nowhere<iovec>(), 1); });
  say("recvmsg", [=] { return recvmsg(fd, nowhere<msghdr>(), MSG_DONTWAIT); });
  say("recvmmsg", [=] { return recvmmsg(fd, nowhere<mmsghdr>(), 1, MSG_DONTWAIT, nullptr); });
  say("sendmsg", [=] { return sendmsg(fd, nowhere<msghdr>(), 0); });
  say("sendmmsg", [=] { return sendmmsg(fd, nowhere<mmsghdr>(), 1, 0); });
  say("accept", [=] { return accept(fd, nowhere<sockaddr>(), nowhere<socklen_t>()); });
  say("connect", [=] { return connect(fd, nowhere<sockaddr>(), 16); });
  say("socketpair", [] { return socketpair(AF_UNIX, SOCK_STREAM, 0, nowhere<int>()); });
  say("pipe", [] { return pipe(nowhere<int>()); });
  for (const int end : ends) close(end);
}

void try_the_process() {
  say("setrlimit", [] { return setrlimit(RLIMIT_AS, nowhere<rlimit>()); });
  say("prlimit", [] { return prlimit(0, RLIMIT_AS, nowhere<rlimit>(), nullptr); });
  say("prctl", [] { return prctl(PR_SET_SECCOMP, 2, nowhere<void>()); });
  say("seccomp", [] { return syscall(SYS_seccomp, 1, 0, nowhere<void>()); });
  say("rt_sigaction",
      [] { return syscall(SYS_rt_sigaction, SIGUSR1, nowhere<void>(), nullptr, 8); });
  say("wait4", [] { return wait4(-1, nowhere<int>(), WNOHANG, nullptr); });
}

}  // namespace

int main(int count, char**) {
  using attempt = void (*)();
  constexpr attempt attempts[] = {try_sleeps, try_waits_for_events, try_transfers, try_the_process};
  for (const attempt each : attempts) {
    if (count == 2) use_and_free();
    each();
  }
}
