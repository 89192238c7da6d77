#include "shim/report/counters_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/report/counters.hpp"
#include "shim/report/process_state.hpp"
#include "shim/settings/text.hpp"

namespace connarena::shim::report {
namespace {

/// The beginning of a report: its magic and its process.
struct head {
  char magic[sizeof file_magic];
  process_name process;
};

enum class occupant : unsigned char { nothing, empty_file, report, unreadable, something_else };

/// What has the name now; a report's head is read.
occupant look_at(const char* path, head& found) noexcept {
  struct stat status {};
  if (lstat(path, &status) != 0) {
    return errno == ENOENT ? occupant::nothing : occupant::something_else;
  }
  if (!S_ISREG(status.st_mode)) return occupant::something_else;
  if (status.st_size == 0) return occupant::empty_file;
  const int file = ::open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return errno == EACCES ? occupant::unreadable : occupant::something_else;
  const ssize_t size = ::read(file, &found, sizeof found);
  ::close(file);
  const bool is_report = size == static_cast<ssize_t>(sizeof found) &&
                         std::memcmp(found.magic, file_magic, sizeof file_magic) == 0;
  return is_report ? occupant::report : occupant::something_else;
}

using path_text = text<4096>;

path_text name_beside(const char* path) noexcept {
  return path_text{}.add(path).add(".new-").add_number(static_cast<std::uint64_t>(getpid()));
}

void* map(int file) noexcept {
  void* const page = mmap(nullptr, file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  return page != MAP_FAILED ? page : nullptr;
}

}  // namespace

bool is_recorded_by_another(const char* path) noexcept {
  head found{};
  return look_at(path, found) == occupant::report && found.process.pid != getpid() &&
         is_running(found.process);
}

bool is_unreadable(const char* path) noexcept {
  head ignored{};
  return look_at(path, ignored) == occupant::unreadable;
}

void* map_counters_file(const char* path, const char* contents) noexcept {
  head ignored{};
  const occupant present = look_at(path, ignored);
  if (present == occupant::unreadable || present == occupant::something_else) return nullptr;
  const path_text fresh = name_beside(path);
  const int file =
      ::open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR);
  if (file < 0) return nullptr;
  const bool is_written = ::write(file, contents, file_bytes) == static_cast<ssize_t>(file_bytes);
  void* page = is_written ? map(file) : nullptr;
  ::close(file);
  if (page != nullptr && std::rename(fresh.c_str(), path) == 0) return page;
  if (page != nullptr) munmap(page, file_bytes);
  ::unlink(fresh.c_str());
  return nullptr;
}

}  // namespace connarena::shim::report
