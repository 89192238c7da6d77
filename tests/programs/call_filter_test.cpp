// What the shim expects of a filter of system calls is what the kernel makes of it.
#include "shim/calls/call_filter.hpp"

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include "harness/child_process.hpp"

namespace {

using connarena::shim::verdict;
using connarena::shim::verdict_of;

constexpr std::uint32_t argument(unsigned index) {
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
}

// What each program starts and ends with: the call is getpriority alone, and it is
// refused if the accumulator is not 0.
constexpr std::uint32_t fails = SECCOMP_RET_ERRNO | EXDEV;
#define FILTERED(...)                                                                  \
  {                                                                                    \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),                    \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 1, 0),                    \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), __VA_ARGS__,                     \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),                                  \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET | BPF_K, fails) \
  }

struct named_filter {
  const char* name;
  std::vector<sock_filter> steps;
};

const std::vector<named_filter> filters{
    {"low_word", FILTERED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1)))},
    {"high_word", FILTERED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1) + 4))},
    {"architecture", FILTERED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
                              BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x3f),
                              BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 0x3e))},
    {"arithmetic",
     FILTERED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1)),
              BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 10), BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 6),
              BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 4), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1),
              BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 3), BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 1),
              BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 73))},
    {"negation", FILTERED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1)),
                          BPF_STMT(BPF_ALU | BPF_NEG, 0), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 7))},
    {"index_register",
     FILTERED(BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 7),
              BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1)),
              BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0), BPF_STMT(BPF_MISC | BPF_TAX, 0),
              BPF_STMT(BPF_LD | BPF_W | BPF_IMM, 5), BPF_STMT(BPF_MISC | BPF_TXA, 0))},
    {"memory", FILTERED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1)), BPF_STMT(BPF_ST, 3),
                        BPF_STMT(BPF_LD | BPF_W | BPF_IMM, 9), BPF_STMT(BPF_LDX | BPF_MEM, 3),
                        BPF_STMT(BPF_STX, 4), BPF_STMT(BPF_LD | BPF_MEM, 4),
                        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1))},
    {"length", FILTERED(BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
                        BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, sizeof(seccomp_data)))},
    {"greater",
     FILTERED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1)),
              BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 7, 0, 1), BPF_STMT(BPF_LD | BPF_W | BPF_IMM, 0))},
    {"greater_or_equal",
     FILTERED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1)),
              BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 7, 0, 1), BPF_STMT(BPF_LD | BPF_W | BPF_IMM, 0))},
    {"bits", FILTERED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1)),
                      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 6, 1, 0), BPF_STMT(BPF_JMP | BPF_JA, 1),
                      BPF_STMT(BPF_LD | BPF_W | BPF_IMM, 0))},
    {"computed_answer",
     FILTERED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1)),
              BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0),
              BPF_STMT(BPF_LD | BPF_W | BPF_IMM, fails), BPF_STMT(BPF_RET | BPF_A, 0))},
};

constexpr std::uint64_t arguments[] = {0, 1, 6, 7, 8, 35, 1ull << 32};

/// One bit for each argument with which the call fails; -1: no sandbox.
int kernel_says(const sock_fprog& filter) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) return -1;
  int bits = 0;
  for (std::size_t i = 0; i < std::size(arguments); ++i) {
    errno = 0;
    syscall(SYS_getpriority, 0, arguments[i]);
    if (errno == EXDEV) bits |= 1 << i;
  }
  return bits;
}

sock_fprog asked{};

TEST(call_filter, is_answered_as_the_kernel_does) {
  for (const named_filter& each : filters) {
    asked = {static_cast<unsigned short>(each.steps.size()),
             const_cast<sock_filter*>(each.steps.data())};
    const harness::outcome kernel = harness::run_forked([] { return kernel_says(asked); });
    int bits = 0;
    for (std::size_t i = 0; i < std::size(arguments); ++i) {
      const verdict answer = verdict_of(asked, SYS_getpriority, {0, arguments[i]});
      ASSERT_NE(answer, verdict::disturbs) << each.name;
      if (answer == verdict::fails) bits |= 1 << i;
    }
    EXPECT_EQ(bits, kernel.exit_code) << each.name;
    EXPECT_EQ(verdict_of(asked, SYS_read, {}), verdict::runs) << each.name;
  }
}

TEST(call_filter, that_kills_or_traps_or_has_no_end_disturbs) {
  for (const std::uint32_t answer :
       {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_TRACE}) {
    sock_filter step = BPF_STMT(BPF_RET | BPF_K, answer);
    EXPECT_EQ(verdict_of({1, &step}, SYS_read, {}), verdict::disturbs);
  }
  sock_filter endless = BPF_STMT(BPF_LD | BPF_W | BPF_IMM, 1);
  EXPECT_EQ(verdict_of({1, &endless}, SYS_read, {}), verdict::disturbs);
}

}  // namespace
