// A program that forbids itself system calls after it has started: threads still
// work beside each other in one arena.
#include <connarena/connarena.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <thread>

#include "harness/child_process.hpp"

namespace {

/// From here on a system call of the process fails.
bool forbid(unsigned call) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{std::size(program), program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST(sandbox, without_membarrier_lets_another_thread_close_an_arena) {
  const harness::outcome result = harness::run_forked([] {
    const connarena_t arena = connarena_create(nullptr);
    connarena_free(connarena_malloc(arena, 100));
    if (!forbid(SYS_membarrier)) return 1;
    int closed = -1;
    std::thread([&] { closed = connarena_close(arena); }).join();
    return closed == 0 ? 0 : 2;
  });
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

}  // namespace
