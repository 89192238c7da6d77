#include "shim/report/kernel_copy.hpp"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/errno_kept.hpp"

namespace connarena::shim::report {
namespace {

// A pipe holds 64 KiB, or a page for a user who has too many.
constexpr std::size_t most_at_once = std::size_t{1} << 16;

class pipe_pair {
 public:
  pipe_pair() noexcept { is_open_ = ::pipe2(ends_, O_CLOEXEC | O_NONBLOCK) == 0; }
  ~pipe_pair() {
    if (!is_open_) return;
    next().close(ends_[0]);
    next().close(ends_[1]);
  }
  pipe_pair(const pipe_pair&) = delete;
  pipe_pair& operator=(const pipe_pair&) = delete;

  [[nodiscard]] bool is_open() const noexcept { return is_open_; }
  [[nodiscard]] ssize_t put(const char* from, std::size_t bytes) const noexcept {
    return next().write(ends_[1], from, std::min(bytes, most_at_once));
  }
  [[nodiscard]] ssize_t take(char* to, std::size_t bytes) const noexcept {
    return next().read(ends_[0], to, bytes);
  }

 private:
  int ends_[2] = {-1, -1};
  bool is_open_;
};

}  // namespace

copied copy_by_kernel(void* to, const void* from, std::size_t bytes) noexcept {
  const errno_kept kept;
  const pipe_pair through;
  if (!through.is_open()) return copied::impossible;
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t put = through.put(static_cast<const char*>(from) + done, bytes - done);
    if (put <= 0) return copied::impossible;
    const auto wanted = static_cast<std::size_t>(put);
    if (through.take(static_cast<char*>(to) + done, wanted) != put) return copied::not_all;
    done += wanted;
  }
  return copied::all;
}

}  // namespace connarena::shim::report
