#include "shim/report/last_words.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>

#include "shim/beneath/replaced_calls.hpp"

namespace connarena::shim::report {
namespace {

// For a reader that is busy; an end that comes so late is still no hang.
constexpr int moment_ms = 200;

bool has_room(int descriptor) noexcept {
  pollfd watched{descriptor, POLLOUT, 0};
  return next().poll(&watched, 1, moment_ms) == 1 && watched.revents == POLLOUT;
}

/// Holds SIGPIPE back, and takes one that came meanwhile.
class no_sigpipe {
 public:
  no_sigpipe() noexcept {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    was_pending_ = is_pending();
  }
  ~no_sigpipe() {
    constexpr timespec at_once{};
    if (!was_pending_ && is_pending()) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  no_sigpipe(const no_sigpipe&) = delete;
  no_sigpipe& operator=(const no_sigpipe&) = delete;

 private:
  static bool is_pending() noexcept {
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
  }

  sigset_t pipe_;
  sigset_t before_;
  bool was_pending_;
};

}  // namespace

void write_last_words(int descriptor, const char* words, std::size_t length) noexcept {
  if (!has_room(descriptor)) return;
  const no_sigpipe held;
  [[maybe_unused]] const auto written = next().write(descriptor, words, length);
}

}  // namespace connarena::shim::report
