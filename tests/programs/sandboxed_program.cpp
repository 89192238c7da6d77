// sandboxed_program CASE - a server that allows itself the system calls it needs, and is
// killed by any other: no mmap, no mprotect, no madvise, no membarrier, no openat. Runs
// with the preload library and without it.
//
//   loop     one thread, epoll
//   advice   the same, but all that kills is the advice that sets and lifts guard pages
//   threads  another thread reads what the first has accepted, and the first frees what
//            the other has made
//
// Exit codes: 0 all is well, 1 no sandbox, 2 no connection, 3 bytes were lost, 4 a
// buffer is not its connection's, 5 arenas were left, 21 no such case.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "programs/listener.hpp"

namespace {

constexpr int no_such_case = 21;
constexpr int connections = 200;

bool enter(std::vector<sock_filter> steps) {
  const sock_fprog filter{static_cast<unsigned short>(steps.size()), steps.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0;
}

/// From here on every other call kills the process.
bool allow_only(std::initializer_list<unsigned> calls) {
  std::vector<sock_filter> steps{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const unsigned call : calls) {
    steps.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    steps.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  steps.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  return enter(std::move(steps));
}

bool forbid_guard_advice() {
  return enter({
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 100, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  });
}

bool enter_sandbox() {
  return allow_only({SYS_read, SYS_write, SYS_socket, SYS_connect, SYS_accept, SYS_close,
                     SYS_epoll_wait, SYS_brk, SYS_futex, SYS_exit_group});
}

/// A client that has said hello; -1 on failure.
int greet(programs::listener& server) {
  const int client = server.reach();
  return client >= 0 && write(client, "hello", 5) == 5 ? client : -1;
}

/// Blocks from small to so large that a hardened process guards them, made as bytes of the
/// connection come.
struct conversation {
  int link;
  std::array<char*, 13> blocks;
};

/// 0, or the exit code.
int read_into(conversation& with) {
  for (std::size_t i = 0; i < with.blocks.size(); ++i) {
    const std::size_t size = std::size_t{50} << i;
    with.blocks[i] = static_cast<char*>(malloc(size));
    std::memset(with.blocks[i], static_cast<int>('a' + i), size);
    if (i == 4 && read(with.link, with.blocks[4], 5) != 5) return 2;
  }
  if (std::memcmp(with.blocks[4], "helloeeee", 9) != 0) return 3;
  if (connarena_of_fd == nullptr) return 0;
  const connarena_t arena = connarena_of_fd(with.link);
  return arena != 0 && connarena_of(with.blocks.back()) == arena ? 0 : 4;
}

void free_all(const conversation& with) {
  for (char* each : with.blocks) free(each);
}

int verdict() {
  if (connarena_get_process_stats == nullptr) return 0;
  connarena_process_stats stats{};
  connarena_get_process_stats(&stats);
  return stats.arenas_open + stats.arenas_draining == 0 ? 0 : 5;
}

/// Accepts as often as somebody has connected; `converse(link)` is what follows.
template <typename Converse>
int serve(bool (*give_up_calls)(), Converse converse) {
  programs::listener server;
  const int epoll = epoll_create1(0);
  epoll_event event{EPOLLIN, {}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, server.fd(), &event);
  if (!give_up_calls()) return 1;
  for (int i = 0; i < connections; ++i) {
    const int client = greet(server);
    if (client < 0 || epoll_wait(epoll, &event, 1, -1) != 1) return 2;
    const int link = accept(server.fd(), nullptr, nullptr);
    if (const int fault = converse(link)) return fault;
    close(link);
    close(client);
    // Long enough for the shim to tidy, were it allowed to.
    if (i % 50 == 0 && epoll_wait(epoll, &event, 1, 60) != 0) return 2;
  }
  return verdict();
}

int loop(bool (*give_up_calls)()) {
  return serve(give_up_calls, [](int link) {
    conversation with{link, {}};
    const int fault = read_into(with);
    free_all(with);
    return fault;
  });
}

template <typename T>
bool pass_on(int to, const T& what) {
  return write(to, &what, sizeof what) == sizeof what;
}
template <typename T>
bool get(int from, T& what) {
  return read(from, &what, sizeof what) == sizeof what;
}

struct answer {
  conversation with;
  int fault;
};

/// Answers until the process ends.
void work(int from, int to) {
  int link = -1;
  pass_on(to, answer{});  // what a thread does at its start is done
  while (get(from, link)) {
    answer one{{link, {}}, 0};
    one.fault = read_into(one.with);
    if (!pass_on(to, one)) return;
  }
}

int threads() {
  std::array<int, 2> links{};
  std::array<int, 2> answers{};
  if (pipe(links.data()) != 0 || pipe(answers.data()) != 0) return 2;
  std::thread([=] { work(links[0], answers[1]); }).detach();
  answer ready{};
  if (!get(answers[0], ready)) return 2;
  return serve(enter_sandbox, [=](int link) {
    void* const own = malloc(100);  // what the accepting thread keeps of it
    answer one{};
    if (!pass_on(links[1], link) || !get(answers[0], one)) return 2;
    free_all(one.with);
    free(own);
    return one.fault;
  });
}

}  // namespace

int main(int count, char** words) {
  // The C library's malloc then takes memory by brk alone, on whatever thread.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  const std::string_view name = count == 2 ? words[1] : "";
  // Destructors are no part of this.
  if (name == "loop") _exit(loop(enter_sandbox));
  if (name == "advice") _exit(loop(forbid_guard_advice));
  if (name == "threads") _exit(threads());
  return no_such_case;
}
