// replaced_calls.hpp - the calls that the shim replaces, as the next library in
// the order of search defines them: another preload's, else the C library's.
//
// They are looked up all at once, before the program runs: a look-up takes the
// loader's lock, which a signal handler or a forked child must not.
#pragma once

#include <atomic>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

// What _FORTIFY_SOURCE makes of calls; no header declares these.
extern "C" {
ssize_t __read_chk(int, void*, size_t, size_t);
ssize_t __recv_chk(int, void*, size_t, size_t, int);
ssize_t __recvfrom_chk(int, void*, size_t, size_t, int, sockaddr*, socklen_t*);
int __poll_chk(pollfd*, nfds_t, int, size_t);
int __ppoll_chk(pollfd*, nfds_t, const timespec*, const sigset_t*, size_t);
int __open_2(const char*, int);
int __open64_2(const char*, int);
int __openat_2(int, const char*, int);
int __openat64_2(int, const char*, int);
[[noreturn]] void __longjmp_chk(__jmp_buf_tag*, int) noexcept;
// What pthread_atfork is, in the C library.
int __register_atfork(void (*)(), void (*)(), void (*)(), void*) noexcept;
}

// clang-format off
#define CONNARENA_REPLACED_CALLS(each)                                                    \
  /* connections come */                                                                  \
  each(socket) each(socketpair) each(accept) each(accept4) each(connect)                  \
  /* I/O */                                                                               \
  each(read) each(readv) each(preadv2) each(preadv64v2)                                   \
  each(recv) each(recvfrom) each(recvmsg) each(recvmmsg)                                  \
  each(write) each(writev) each(pwritev2) each(pwritev64v2)                               \
  each(send) each(sendto) each(sendmsg) each(sendmmsg)                                    \
  each(sendfile) each(sendfile64) each(splice)                                            \
  each(__read_chk) each(__recv_chk) each(__recvfrom_chk)                                  \
  /* waits */                                                                             \
  each(epoll_wait) each(epoll_pwait) each(epoll_pwait2)                                   \
  each(poll) each(ppoll) each(__poll_chk) each(__ppoll_chk) each(select) each(pselect)    \
  each(pthread_cond_wait) each(pthread_cond_timedwait) each(pthread_cond_clockwait)       \
  each(cnd_wait) each(cnd_timedwait)                                                      \
  each(pthread_cond_signal) each(pthread_cond_broadcast) each(cnd_signal)                 \
  each(cnd_broadcast) each(sem_post)                                                      \
  each(sem_wait) each(sem_timedwait) each(sem_clockwait)                                  \
  each(nanosleep) each(clock_nanosleep) each(sleep) each(usleep) each(thrd_sleep)         \
  each(pause) each(sigsuspend) each(sigwait) each(sigwaitinfo) each(sigtimedwait)         \
  each(pthread_join) each(wait) each(waitpid) each(wait4) each(waitid)                    \
  /* connections go */                                                                    \
  each(close) each(close_range) each(closefrom) each(unshare) each(setns)         \
  each(dup) each(dup2) each(dup3) each(fcntl) each(fcntl64)                               \
  each(fclose) each(freopen) each(freopen64)                                              \
  /* their numbers are another's */                                                       \
  each(open) each(open64) each(openat) each(openat64) each(creat) each(creat64)           \
  each(__open_2) each(__open64_2) each(__openat_2) each(__openat64_2)                     \
  each(fopen) each(fopen64) each(opendir) each(pipe) each(pipe2)                          \
  each(epoll_create) each(epoll_create1) each(eventfd) each(timerfd_create)               \
  each(signalfd) each(inotify_init) each(inotify_init1) each(memfd_create)                \
  /* signal handlers */                                                                   \
  each(sigaction) each(signal) each(sysv_signal) each(sigset)                             \
  /* jumps out of waits */                                                                \
  each(longjmp) each(_longjmp) each(siglongjmp) each(__longjmp_chk)                       \
  /* the process */                                                                       \
  each(setrlimit) each(setrlimit64) each(prlimit) each(prlimit64) each(_exit)             \
  each(mlockall) each(munlockall) each(vfork) each(clone)                                 \
  each(dlopen) each(__register_atfork) each(prctl) each(syscall)
// clang-format on

namespace connarena::shim {

// sigset is out of use, and used.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
struct replaced_calls {
#define CONNARENA_MEMBER(name) decltype(&::name) name;
  CONNARENA_REPLACED_CALLS(CONNARENA_MEMBER)
#undef CONNARENA_MEMBER
};
#pragma GCC diagnostic pop

namespace detail {
extern constinit replaced_calls found_calls;
extern constinit std::atomic<bool> calls_are_found;
void find_calls() noexcept;
}  // namespace detail

[[nodiscard]] inline const replaced_calls& next() noexcept {
  // acquire: pairs with the release in find_calls
  if (!detail::calls_are_found.load(std::memory_order_acquire)) [[unlikely]]
    detail::find_calls();
  return detail::found_calls;
}

}  // namespace connarena::shim
