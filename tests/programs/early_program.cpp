// early_program - calls malloc before any constructor has run: in the resolver of an
// indirect function and in a function of the program's preinit array; and registers
// more functions for the end than the C library has room for without calloc.
// Runs with the preload library and without it.
//
// Exit codes: 0 all is well, 1 to 4 blocks of before main were lost: 1 the resolver's,
// 2 the first function's, 3 after a fork there, 4 a thread's there; 5 no sockets,
// 6 a function for the end was not called.
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t sizes[] = {10, 100, 3000, 8192, 100000, 1 << 20};

/// Blocks of many sizes, made in several ways, which know their contents.
class batch {
 public:
  void make() {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const std::size_t size = sizes[i % std::size(sizes)];
      char* block = static_cast<char*>(i % 2 == 0 ? malloc(size / 2) : calloc(size / 2, 1));
      block = static_cast<char*>(realloc(block, size));
      blocks_[i] = static_cast<char*>(std::memset(block, static_cast<int>('a' + i), size));
    }
  }
  [[nodiscard]] bool is_whole() const {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const char expected = static_cast<char>('a' + i);
      if (blocks_[i][0] != expected || blocks_[i][sizes[i % std::size(sizes)] - 1] != expected) {
        return false;
      }
    }
    return true;
  }
  [[nodiscard]] bool end() {
    const bool was_whole = is_whole();
    for (char* each : blocks_) free(each);
    return was_whole;
  }

 private:
  std::array<char*, 2 * std::size(sizes)> blocks_{};
};

batch of_resolver;
batch of_first_function;
int ends[2] = {-1, -1};
int fault = 0;

int answer() { return 42; }

extern "C" int (*resolve_answer())() {
  of_resolver.make();
  return answer;
}
[[gnu::ifunc("resolve_answer")]] int indirect_answer();

int forks_well() {
  const pid_t child = fork();
  if (child == 0) _exit(of_first_function.is_whole() ? 0 : 1);
  int status = -1;
  return waitpid(child, &status, 0) == child && status == 0 ? 0 : 3;
}

int starts_a_thread_well() {
  pthread_t thread{};
  const auto work = [](void*) -> void* {
    batch own;
    own.make();
    return own.end() ? &ends : nullptr;
  };
  void* result = nullptr;
  if (pthread_create(&thread, nullptr, work, nullptr) != 0) return 4;
  return pthread_join(thread, &result) == 0 && result != nullptr ? 0 : 4;
}

int called = 0;
constexpr int registered = 100;

/// Ends the process with the fault, if all were called.
void count_calls() {
  if (++called == registered) _exit(fault);
}

void before_all_constructors() {
  for (int i = 0; i < registered; ++i) std::atexit(count_calls);
  of_first_function.make();
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || write(ends[0], "x", 1) != 1) fault = 5;
  batch of_connection;
  of_connection.make();
  close(ends[0]);
  if (!of_connection.end()) fault = 2;
  if (fault == 0) fault = forks_well();
  if (fault == 0) fault = starts_a_thread_well();
}

[[gnu::section(".preinit_array"), gnu::used]] void (*first)() = before_all_constructors;

}  // namespace

int main() {
  if (fault == 0 && !of_first_function.end()) fault = 2;
  if (fault == 0 && (indirect_answer() != 42 || !of_resolver.end())) fault = 1;
  // The functions for the end decide; without them this is the exit code.
  return 6;
}
