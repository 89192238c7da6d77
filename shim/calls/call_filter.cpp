#include "shim/calls/call_filter.hpp"

#include <algorithm>
#include <cstring>
#include <linux/seccomp.h>

#include "shim/processor/processor.hpp"

namespace connarena::shim {
namespace {

/// The registers and the memory of the machine that filters are programs of.
struct machine {
  std::uint32_t a = 0;
  std::uint32_t x = 0;
  std::uint32_t memory[BPF_MEMWORDS] = {};
};

std::uint32_t& cell(machine& in, std::uint32_t index) noexcept {
  return in.memory[index % BPF_MEMWORDS];
}

std::uint32_t word_at(const seccomp_data& record, std::uint32_t offset) noexcept {
  std::uint32_t word = 0;
  if (offset <= sizeof record - sizeof word) {
    std::memcpy(&word, reinterpret_cast<const char*>(&record) + offset, sizeof word);
  }
  return word;
}

std::uint32_t loaded(machine& in, const sock_filter& step, const seccomp_data& record) noexcept {
  switch (BPF_MODE(step.code)) {
    case BPF_IMM:
      return step.k;
    case BPF_MEM:
      return cell(in, step.k);
    case BPF_LEN:
      return sizeof record;
    default:
      return word_at(record, step.k);
  }
}

std::uint32_t computed(const machine& in, const sock_filter& step) noexcept {
  const std::uint32_t by = BPF_SRC(step.code) == BPF_X ? in.x : step.k;
  switch (BPF_OP(step.code)) {
    case BPF_ADD:
      return in.a + by;
    case BPF_SUB:
      return in.a - by;
    case BPF_MUL:
      return in.a * by;
    case BPF_DIV:
      return by != 0 ? in.a / by : 0;
    case BPF_AND:
      return in.a & by;
    case BPF_OR:
      return in.a | by;
    case BPF_XOR:
      return in.a ^ by;
    case BPF_LSH:
      return by < 32 ? in.a << by : 0;
    case BPF_RSH:
      return by < 32 ? in.a >> by : 0;
    default:
      return -in.a;
  }
}

/// How many steps are left out.
std::uint32_t jump(const machine& in, const sock_filter& step) noexcept {
  const std::uint32_t with = BPF_SRC(step.code) == BPF_X ? in.x : step.k;
  const auto choose = [&](bool holds) { return std::uint32_t{holds ? step.jt : step.jf}; };
  switch (BPF_OP(step.code)) {
    case BPF_JEQ:
      return choose(in.a == with);
    case BPF_JGT:
      return choose(in.a > with);
    case BPF_JGE:
      return choose(in.a >= with);
    case BPF_JSET:
      return choose((in.a & with) != 0);
    default:
      return step.k;
  }
}

/// Runs to the answer. The kernel has not looked at the program yet: one that it will
/// refuse is answered as if it killed.
std::uint32_t answer_to(const sock_fprog& filter, const seccomp_data& record) noexcept {
  machine in;
  for (std::uint64_t at = 0; at < filter.len; ++at) {
    const sock_filter& step = filter.filter[at];
    switch (BPF_CLASS(step.code)) {
      case BPF_LD:
        in.a = loaded(in, step, record);
        break;
      case BPF_LDX:
        in.x = loaded(in, step, record);
        break;
      case BPF_ST:
        cell(in, step.k) = in.a;
        break;
      case BPF_STX:
        cell(in, step.k) = in.x;
        break;
      case BPF_ALU:
        in.a = computed(in, step);
        break;
      case BPF_JMP:
        at += jump(in, step);
        break;
      case BPF_MISC:
        (BPF_MISCOP(step.code) == BPF_TAX ? in.x : in.a) =
            BPF_MISCOP(step.code) == BPF_TAX ? in.a : in.x;
        break;
      default:
        return BPF_RVAL(step.code) == BPF_A ? in.a : step.k;
    }
  }
  return SECCOMP_RET_KILL_PROCESS;
}

}  // namespace

verdict verdict_of(const sock_fprog& filter, long call,
                   std::initializer_list<std::uint64_t> arguments) noexcept {
  seccomp_data record{};
  record.nr = static_cast<int>(call);
  record.arch = processor::filter_architecture;
  std::copy(arguments.begin(), arguments.end(), record.args);
  switch (answer_to(filter, record) & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
      return verdict::runs;
    case SECCOMP_RET_ERRNO:
      return verdict::fails;
    default:
      return verdict::disturbs;
  }
}

}  // namespace connarena::shim
