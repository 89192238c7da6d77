#include "shim/report/own_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/beneath/replaced_calls.hpp"

namespace connarena::shim::report {
namespace {

constexpr mode_t of_owner_alone = S_IRUSR | S_IWUSR;

file_identity identity_in(const struct stat& of) noexcept {
  return {of.st_dev, of.st_ino, static_cast<std::uint64_t>(of.st_size)};
}

int flags_of(opened_file::how mode) noexcept {
  constexpr int careful = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  if (mode == opened_file::create) return careful | O_RDWR | O_CREAT | O_EXCL;
  return careful | (mode == opened_file::read_only ? O_RDONLY : O_RDWR);
}

/// Beyond its limit a write is answered by a signal that ends the process.
bool is_within_limit(std::size_t bytes) noexcept {
  rlimit limit{};
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 && bytes <= limit.rlim_cur;
}

}  // namespace

file_identity identity_of(const char* name) noexcept {
  struct stat status {};
  return ::lstat(name, &status) == 0 ? identity_in(status) : file_identity{};
}

opened_file::opened_file(const char* name, how mode) noexcept
    : descriptor_(::open(name, flags_of(mode), of_owner_alone)) {
  struct stat status {};
  if (descriptor_ < 0) return;
  if (::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) {
    identity_ = identity_in(status);
  } else {
    next().close(descriptor_);
    descriptor_ = -1;
  }
}

opened_file::~opened_file() {
  if (is_open()) next().close(descriptor_);
}

bool opened_file::resize(std::size_t bytes) const noexcept {
  return is_within_limit(bytes) && ::ftruncate(descriptor_, static_cast<off_t>(bytes)) == 0;
}

bool opened_file::write(const void* from, std::size_t bytes) const noexcept {
  return is_within_limit(bytes) &&
         ::pwrite(descriptor_, from, bytes, 0) == static_cast<ssize_t>(bytes);
}

bool opened_file::read(void* into, std::size_t bytes) const noexcept {
  return ::pread(descriptor_, into, bytes, 0) == static_cast<ssize_t>(bytes);
}

occupant look_at(const char* name, ledger_head& found) noexcept {
  struct stat status {};
  if (::lstat(name, &status) != 0) {
    return errno == ENOENT ? occupant::nothing : occupant::something_else;
  }
  if (!S_ISREG(status.st_mode)) return occupant::something_else;
  if (status.st_size == 0) return occupant::empty_file;
  const opened_file file(name, opened_file::read_only);
  if (!file.is_open()) return errno == EACCES ? occupant::unreadable : occupant::something_else;
  static_cast<void>(::pread(file.descriptor(), &found, sizeof found, 0));
  return is_report(found) ? occupant::report : occupant::something_else;
}

}  // namespace connarena::shim::report
