// refused_sandbox_program CASE - a filter of system calls that the system refuses to set
// forbids nothing: what is idle still goes back. Runs under the preload library and without.
//
// Exit codes: 0 as it should be, 1 the system's answer is another, 2 idle memory stayed, 21
// no such case.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "harness/deadline.hpp"
#include "harness/resident_memory.hpp"
#include "programs/named_case.hpp"

namespace {

/// Kills a process that gives memory back.
std::array<sock_filter, 4> steps{{
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
}};
const sock_fprog filter{steps.size(), steps.data()};
const sock_fprog empty{0, steps.data()};
const sock_fprog nowhere{steps.size(), reinterpret_cast<sock_filter*>(8)};
const auto* const no_filter = reinterpret_cast<const sock_fprog*>(8);

long set_filter(unsigned long flags, const void* of) {
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, of);
}
long control(unsigned long mode, const void* of) { return prctl(PR_SET_SECCOMP, mode, of); }

bool memory_goes_back() {
  constexpr std::size_t most_left_bytes = std::size_t{24} << 20;
  static std::array<void*, 2000> blocks;
  for (int round = 0; round < 2; ++round) {
    for (void*& each : blocks) each = memset(malloc(60000), 1, 60000);
    for (void* each : blocks) free(each);
  }
  return harness::wait_until([] { return harness::resident_bytes() < most_left_bytes; });
}

int verdict(bool is_refused_so) {
  if (!is_refused_so) return 1;
  return memory_goes_back() ? 0 : 2;
}

/// Without the right to set a filter that others could not get rid of.
bool gives_up_rights() { return geteuid() != 0 || setresuid(65534, 65534, 65534) == 0; }

int in_a_child_of_vfork(void (*enter)()) {
  const pid_t child = vfork();
  if (child == 0) {
    enter();
    syscall(SYS_exit, 0);
  }
  int status = 0;
  const bool has_ended = waitpid(child, &status, 0) == child && status == 0;
  return verdict(has_ended);
}

// clang-format off
constexpr programs::named_case cases[] = {
    {"strict_mode_with_flags", [] { return verdict(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, nullptr) == -1 && errno == EINVAL); }},
    {"no_filter", [] { return verdict(set_filter(0, nullptr) == -1 && errno == EFAULT); }},
    {"filter_at_a_bad_address", [] { return verdict(set_filter(0, no_filter) == -1 && errno == EFAULT); }},
    {"control_with_a_filter_at_a_bad_address", [] { return verdict(control(SECCOMP_MODE_FILTER, no_filter) == -1 && errno == EFAULT); }},
    {"steps_at_a_bad_address", [] { prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); return verdict(set_filter(0, &nowhere) == -1 && errno == EFAULT); }},
    {"empty_filter", [] { return verdict(set_filter(0, &empty) == -1 && errno == EINVAL); }},
    {"control_with_an_empty_filter", [] { return verdict(control(SECCOMP_MODE_FILTER, &empty) == -1 && errno == EINVAL); }},
    {"unknown_flags", [] { return verdict(set_filter(1UL << 20, &filter) == -1 && errno == EINVAL); }},
    {"unknown_mode", [] { return verdict(control(17, nullptr) == -1 && errno == EINVAL); }},
    {"filter_without_rights", [] { return gives_up_rights() ? verdict(set_filter(0, &filter) == -1 && errno == EACCES) : 1; }},
    {"control_without_rights", [] { return gives_up_rights() ? verdict(control(SECCOMP_MODE_FILTER, &filter) == -1 && errno == EACCES) : 1; }},
    {"strict_mode_of_a_child_of_vfork", [] { return in_a_child_of_vfork([] { control(SECCOMP_MODE_STRICT, nullptr); }); }},
    {"filter_of_a_child_of_vfork", [] { return in_a_child_of_vfork([] { prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); set_filter(0, &filter); }); }},
};
// clang-format on

}  // namespace

int main(int count, char** words) { return programs::run_named(cases, count, words); }
