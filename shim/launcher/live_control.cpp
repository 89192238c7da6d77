#include "shim/launcher/live_control.hpp"

#include <sys/shm.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

#include "shim/launcher/live_segments.hpp"
#include "shim/report/process_state.hpp"

namespace connarena::launcher {
namespace {

using live::request_answer;
using live::request_box;
using live::segment;

// A program at work answers within some 50 ms, and one that waits for events within a second.
constexpr std::chrono::seconds patience{5};
constexpr std::chrono::milliseconds pause{5};

template <typename Condition>
bool wait_until(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

bool is_running(pid_t pid) { return shim::report::is_running(pid, shim::report::since_boot_ns()); }

/// A segment, attached to be written as well; null if it may not be.
class writable_segment {
 public:
  explicit writable_segment(int number) {
    void* const memory = shmat(number, nullptr, 0);
    // shmat says -1 where it fails.
    if (reinterpret_cast<std::intptr_t>(memory) == -1) return;
    at_ = static_cast<segment*>(memory);
    shmid_ds status{};
    is_whole_ = shmctl(number, IPC_STAT, &status) == 0 && status.shm_segsz >= sizeof(segment) &&
                live::is_segment(at_->all);
  }
  ~writable_segment() {
    if (at_ != nullptr) shmdt(at_);
  }
  writable_segment(const writable_segment&) = delete;
  writable_segment& operator=(const writable_segment&) = delete;
  [[nodiscard]] bool is_attached() const { return at_ != nullptr; }
  [[nodiscard]] request_box* requests() const { return is_whole_ ? &at_->requests : nullptr; }

 private:
  segment* at_ = nullptr;
  bool is_whole_ = false;
};

/// Nobody else asks for as long as this lives.
class asking {
 public:
  explicit asking(request_box& in) : in_(in) {
    is_alone_ = wait_until([&] { return take(); });
  }
  ~asking() {
    std::int32_t own = getpid();
    if (is_alone_) in_.asker.compare_exchange_strong(own, 0);
  }
  asking(const asking&) = delete;
  asking& operator=(const asking&) = delete;
  [[nodiscard]] bool is_alone() const { return is_alone_; }

 private:
  bool take() {
    std::int32_t other = 0;
    if (in_.asker.compare_exchange_strong(other, getpid())) return true;
    // One that was killed in the middle leaves its number.
    return (other < 0 || !is_running(other)) && in_.asker.compare_exchange_strong(other, getpid());
  }

  request_box& in_;
  bool is_alone_ = false;
};

/// The number of the request.
std::uint32_t put(request_box& in, const std::function<void(request_box&)>& write) {
  const std::uint32_t odd = in.asked.load() | 1;
  in.asked.store(odd);
  std::atomic_thread_fence(std::memory_order_release);
  write(in);
  // release: pairs with the acquire in is_asked
  in.asked.store(odd + 1, std::memory_order_release);
  return odd + 1;
}

std::string words_of(request_answer answer, const std::string& process) {
  switch (answer) {
    case request_answer::done:
      return {};
    case request_answer::no_such_connection:
      return process + " has no such connection, or has disconnected it";
    case request_answer::not_possible:
      return process + " has forbidden itself to disconnect anybody";
    default:
      return process + " does not understand the request";
  }
}

}  // namespace

std::string ask_process(const std::string& pid, const std::function<void(request_box&)>& write) {
  std::string error;
  const std::unique_ptr<live_segment> found = find_segment(pid, error);
  if (found == nullptr) return error;
  const std::string process = "process " + pid;
  if (!found->read(extent::totals)) return "there is no " + process;
  const writable_segment at(found->place().number);
  if (!at.is_attached()) return process + " cannot be asked: " + std::strerror(errno);
  request_box* const box = at.requests();
  if (box == nullptr) return process + " has no connections: it runs without the preload library";
  const asking alone(*box);
  if (!alone.is_alone()) return process + " is being asked for something else";
  const std::uint32_t number = put(*box, write);
  // acquire: pairs with the release of who answers
  const auto is_answered = [&] { return box->answered.load(std::memory_order_acquire) == number; };
  const auto has_ended = [&] { return !is_running(found->place().maker); };
  static_cast<void>(wait_until([&] { return is_answered() || has_ended(); }));
  if (is_answered()) return words_of(box->answer.load(), process);
  if (has_ended()) return process + " has ended";
  return process + " sleeps, and will do it when it wakes: it has not answered in 5 seconds";
}

}  // namespace connarena::launcher
