// forked_workers_program arenas|malloc - a server that forks workers before it has threads; each
// then serves the same listener by a pool over an epoll. What the parent had is in each worker.
//
// Exit codes: 0; of a worker 1 what it inherited is damaged, 2 arenas stay, 3 idle memory
// stays; of the parent 10 no listener, 11 a wrong answer, 20 and more a worker's.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <vector>

#include "harness/pattern.hpp"
#include "moving/aftermath.hpp"
#include "moving/clients.hpp"
#include "moving/epoll_pool.hpp"
#include "programs/listener.hpp"

namespace {

constexpr int worker_count = 3;
constexpr unsigned threads_a_worker = 3;

/// The parent's blocks, in an arena of its own.
class settings {
 public:
  settings() {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      blocks_[i] = arena_->allocate(size_of(i));
      harness::write_pattern(blocks_[i], size_of(i), i);
    }
  }
  [[nodiscard]] bool are_intact() const {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (!harness::holds_pattern(blocks_[i], size_of(i), i)) return false;
    }
    return true;
  }
  void free_all() {
    for (std::size_t i = 0; i < blocks_.size(); ++i) arena_->deallocate(blocks_[i], size_of(i));
  }

 private:
  static std::size_t size_of(std::size_t number) { return 1 + number * 131 % 9000; }
  connarena::arena_ptr arena_ = connarena::synchronized_arena::open();
  std::array<void*, 200> blocks_{};
};

int be_worker(moving::memory_of kind, int listener, int stop, settings& inherited) {
  const moving::aftermath left;
  moving::epoll_pool(listener, kind).run(threads_a_worker, stop);
  if (!inherited.are_intact()) return 1;
  inherited.free_all();
  if (!left.are_arenas_gone()) return 2;
  return moving::aftermath::is_idle_memory_bounded() ? 0 : 3;
}

int exit_code_of(pid_t worker) {
  int status = 0;
  ::waitpid(worker, &status, 0);
  if (WIFEXITED(status)) return WEXITSTATUS(status) == 0 ? 0 : 20 + WEXITSTATUS(status);
  return 100 + WTERMSIG(status);
}

}  // namespace

int main(int count, char** words) {
  const bool is_by_arena = count == 2 && std::string_view(words[1]) == "arenas";
  const auto kind = is_by_arena ? moving::memory_of::arena : moving::memory_of::process;
  programs::listener listener;
  std::array<int, 2> stop{};
  if (::fcntl(listener.fd(), F_SETFL, O_NONBLOCK) != 0 || ::pipe(stop.data()) != 0) return 10;
  settings own;
  std::vector<pid_t> workers;
  for (int i = 0; i < worker_count; ++i) {
    const pid_t worker = ::fork();
    if (worker == 0) {
      ::close(stop[1]);
      ::_exit(be_worker(kind, listener.fd(), stop[0], own));
    }
    workers.push_back(worker);
  }
  int failure = moving::run_clients(listener.address(), listener.address_size()) == 0 ? 0 : 11;
  ::close(stop[1]);
  for (const pid_t worker : workers) {
    if (const int code = exit_code_of(worker); code != 0) failure = code;
  }
  return failure == 0 && !own.are_intact() ? 1 : failure;
}
