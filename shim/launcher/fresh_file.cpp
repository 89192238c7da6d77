#include "shim/launcher/fresh_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace connarena::launcher {
namespace {

bool write_whole(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

fresh_file::fresh_file(std::string place) : place_(std::move(place)), name_(place_ + ".XXXXXX") {
  descriptor_ = ::mkostemp(name_.data(), O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0) name_.clear();
}

fresh_file::~fresh_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!name_.empty()) ::unlink(name_.c_str());
}

bool fresh_file::take_place(std::string_view text) {
  if (descriptor_ < 0 || !write_whole(descriptor_, text) || ::fsync(descriptor_) != 0) return false;
  if (::rename(name_.c_str(), place_.c_str()) != 0) return false;
  name_.clear();
  return true;
}

int fresh_file::release() { return std::exchange(descriptor_, -1); }

}  // namespace connarena::launcher
