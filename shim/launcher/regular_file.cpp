#include "shim/launcher/regular_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace connarena::launcher {
namespace {

bool is_regular(const struct stat& status) { return S_ISREG(status.st_mode); }

}  // namespace

regular_file::regular_file(const std::string& path, links how) {
  struct stat status {};
  // Before it is opened, which may do something, and after, when it is sure.
  if (::stat(path.c_str(), &status) != 0) {
    error_ = errno;
    return;
  }
  if (!is_regular(status)) return;
  const int no_link = how == links::not_followed ? O_NOFOLLOW : 0;
  const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | no_link);
  if (opened < 0) {
    error_ = errno;
    return;
  }
  if (::fstat(opened, &status) != 0 || !is_regular(status)) {
    ::close(opened);
    return;
  }
  descriptor_ = opened;
  size_ = static_cast<std::uint64_t>(status.st_size);
  owner_ = status.st_uid;
}

regular_file::~regular_file() {
  if (is_open()) ::close(descriptor_);
}

void regular_file::read(std::uint64_t offset, void* into, std::size_t bytes) const {
  std::memset(into, 0, bytes);
  if (!is_open() || offset >= size_) return;
  auto left = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, size_ - offset));
  auto* to = static_cast<char*>(into);
  while (left != 0) {
    const ssize_t got = ::pread(descriptor_, to, left, static_cast<off_t>(offset));
    if (got <= 0) return;
    to += got;
    offset += static_cast<std::uint64_t>(got);
    left -= static_cast<std::size_t>(got);
  }
}

std::vector<char> regular_file::part(std::uint64_t offset, std::uint64_t bytes) const {
  if (!is_open() || offset >= size_) return {};
  std::vector<char> read_bytes(std::min({bytes, size_ - offset, most_bytes}));
  read(offset, read_bytes.data(), read_bytes.size());
  return read_bytes;
}

}  // namespace connarena::launcher
