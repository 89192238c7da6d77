// locking_program - locks its memory and works on: locking_program FLAGS.
//
// Exit codes: 0, 1 locking fails, 2 what is locked at once is more than it was by more
// than a program and the core's own need, 3 no memory, 4 calloc's memory is not zero,
// 5 what was freed stays resident, 6 unlocking fails, 7 something stays locked.
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <malloc.h>
#include <string>

namespace {

constexpr long kib_a_mib = 1024;

long figure_kib(const char* name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(name, 0) == 0) return std::stol(line.substr(std::strlen(name) + 1));
  }
  return 0;
}

bool is_zero(const char* block, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    if (block[i] != 0) return false;
  }
  return true;
}

/// A connection with blocks of all sizes comes and goes.
int serve_one() {
  std::array<int, 2> ends{};
  char byte = 'x';
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0 || write(ends[0], &byte, 1) != 1 ||
      read(ends[1], &byte, 1) != 1) {
    return 3;
  }
  std::array<char*, 64> blocks{};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::size_t bytes = (i % 7 + 1) * 50000;
    blocks[i] = static_cast<char*>(std::calloc(1, bytes));
    if (blocks[i] == nullptr) return 3;
    if (!is_zero(blocks[i], bytes)) return 4;
    std::memset(blocks[i], 0x5a, bytes);
  }
  for (char* each : blocks) std::free(each);
  return close(ends[0]) == 0 && close(ends[1]) == 0 ? 0 : 3;
}

int work_on(long before_kib) {
  for (int round = 0; round < 4; ++round) {
    if (const int problem = serve_one()) return problem;
    malloc_trim(0);
    if (figure_kib("RssAnon:") > before_kib + 4 * kib_a_mib) return 5;
  }
  return 0;
}

}  // namespace

int main(int, char** words) {
  if (const int problem = serve_one()) return problem;
  malloc_trim(0);
  const long used_kib = figure_kib("VmRSS:");
  if (mlockall(std::atoi(words[1])) != 0) return 1;
  if (figure_kib("VmRSS:") > used_kib + 12 * kib_a_mib) return 2;
  if (figure_kib("VmLck:") > used_kib + 40 * kib_a_mib) return 2;
  if (const int problem = work_on(figure_kib("RssAnon:"))) return problem;
  if (munlockall() != 0) return 6;
  if (figure_kib("VmLck:") != 0) return 7;
  return work_on(figure_kib("RssAnon:"));
}
