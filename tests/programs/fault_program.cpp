// fault_program CASE - handles its own SIGSEGV on a stack of the handler's own.
// Runs with the preload library and without it.
//
//   recover   jumps out of faults at null and at an address that is nobody's
//   overflow  jumps out of a stack that has no more room
//   barrier   protects pages of malloc's blocks and opens them when they are touched,
//             as collectors and software distributed memory do
//
// Exit codes: 0 all is well, 1 no handler, 2 the fault was at another address, 3 a
// block lost its contents, 4 a page was opened that nobody had closed, 21 no such case.
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

constexpr int no_such_case = 21;
constexpr std::size_t page_bytes = 4096;

sigjmp_buf before_fault;
volatile std::uintptr_t fault_address = 0;

bool handle_faults(void (*handler)(int, siginfo_t*, void*)) {
  static std::array<char, 65536> stack;
  stack_t alternative{};
  alternative.ss_sp = stack.data();
  alternative.ss_size = stack.size();
  struct sigaction action {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  return sigaltstack(&alternative, nullptr) == 0 && sigaction(SIGSEGV, &action, nullptr) == 0;
}

/// The fault was the program's own and not in malloc: so the handler may call it.
void jump_back(int, siginfo_t* information, void*) {
  fault_address = reinterpret_cast<std::uintptr_t>(information->si_addr);
  free(std::memset(malloc(20000), 'h', 20000));
  siglongjmp(before_fault, 1);
}

bool faults_at(std::uintptr_t address) {
  if (sigsetjmp(before_fault, 1) == 0) {
    *reinterpret_cast<volatile char*>(address) = 1;
    return false;
  }
  return fault_address == address;
}

int recover() {
  if (!handle_faults(jump_back)) return 1;
  void* const hole = mmap(nullptr, page_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 200; ++i) {
    auto* const block = static_cast<char*>(malloc(page_bytes * 3));
    std::memset(block, 'b', page_bytes * 3);
    if (!faults_at(0) || !faults_at(reinterpret_cast<std::uintptr_t>(hole))) return 2;
    if (block[0] != 'b' || block[page_bytes * 3 - 1] != 'b') return 3;
    free(block);
  }
  return 0;
}

[[gnu::noinline]] std::size_t fill_stack(std::size_t depth) {
  volatile char room[1024];
  if (depth == SIZE_MAX) return 0;
  room[0] = static_cast<char>(depth);
  const std::size_t below = fill_stack(depth + 1);
  return below + static_cast<std::size_t>(room[0]);
}

int overflow() {
  if (!handle_faults(jump_back)) return 1;
  if (sigsetjmp(before_fault, 1) == 0) return static_cast<int>(fill_stack(0) % 2) + 2;
  return 0;
}

char* volatile closed_page = nullptr;

void open_page(int, siginfo_t* information, void*) {
  auto* const at = static_cast<char*>(information->si_addr);
  if (closed_page == nullptr || at < closed_page || at >= closed_page + page_bytes) _exit(4);
  mprotect(closed_page, page_bytes, PROT_READ | PROT_WRITE);
  closed_page = nullptr;
}

int barrier() {
  constexpr std::size_t pages = 5;
  if (!handle_faults(open_page)) return 1;
  for (std::size_t i = 0; i < 1000; ++i) {
    auto* const block = static_cast<char*>(aligned_alloc(page_bytes, pages * page_bytes));
    std::memset(block, 'p', pages * page_bytes);
    char* const at = block + i % pages * page_bytes;
    volatile char* const page = at;
    mprotect(at, page_bytes, PROT_NONE);
    closed_page = at;
    page[i % page_bytes] = 'q';
    if (page[i % page_bytes] != 'q' || block[0] == 0 || closed_page != nullptr) return 3;
    free(block);
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view name = count == 2 ? words[1] : "";
  int ends[2];  // the blocks are a connection's
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || write(ends[0], "x", 1) != 1) return 1;
  if (name == "recover") return recover();
  if (name == "overflow") return overflow();
  if (name == "barrier") return barrier();
  return no_such_case;
}
