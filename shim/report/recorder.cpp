#include "shim/report/recorder.hpp"

#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/report/counters_file.hpp"
#include "shim/report/footprint.hpp"
#include "shim/report/last_words.hpp"
#include "shim/report/process_state.hpp"
#include "shim/report/summary.hpp"

namespace connarena::shim::report {

namespace detail {
constinit std::atomic<counters*> recorded{nullptr};
}  // namespace detail

namespace {

/// Where the counters are until there is a file, and without one.
alignas(counters) char private_page[file_bytes];

enum class destination : unsigned char { none, standard_error, file, file_of_child };
constinit std::atomic<destination> writes_to{destination::none};
const char* file_path = nullptr;
bool is_of_child = false;
struct stat standard_error_at_start;

counters& figures() noexcept { return *detail::recorded.load(std::memory_order_relaxed); }

void add(std::atomic<std::uint64_t>& counter, std::uint64_t value) noexcept {
  counter.fetch_add(value, std::memory_order_relaxed);
}

void record_footprint(std::uint64_t bytes) noexcept {
  counters& now = figures();
  now.footprint_bytes.store(bytes, std::memory_order_relaxed);
  std::uint64_t peak = now.peak_footprint_bytes.load(std::memory_order_relaxed);
  while (peak < bytes && !now.peak_footprint_bytes.compare_exchange_weak(peak, bytes)) {
  }
}

std::int64_t now_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1000000000} + now.tv_nsec;
}

void describe_process(counters& to) noexcept {
  std::memcpy(to.magic, file_magic, sizeof to.magic);
  to.process = process_of(getpid());
  to.started_ns = now_ns();
  const int file = ::open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  const ssize_t size = ::read(file, to.program, sizeof to.program - 1);
  if (size > 0) to.program[size - 1] = '\0';  // the line's end
  ::close(file);
}

/// Moves the counters from the private page into a file.
bool record_in(const char* path) noexcept {
  void* const page = map_counters_file(path, private_page);
  if (page == nullptr) return false;
  detail::recorded.store(static_cast<counters*>(page), std::memory_order_release);
  return true;
}

void complain(const char* path) noexcept {
  text<400> line;
  line.add("connarena: CONNARENA_REPORT: cannot write ").add(path, strnlen(path, 300)).add("\n");
  line.write_to(STDERR_FILENO);
}

bool is_anothers(const char* path, pid_t launched) noexcept {
  if (is_of_child || is_recorded_by_another(path)) return true;
  return launched == 0 && is_unreadable(path);
}

void start_file(const char* path, pid_t launched) noexcept {
  file_path = path;
  if (is_anothers(path, launched)) {
    writes_to.store(destination::file_of_child);
  } else if (record_in(path)) {
    writes_to.store(destination::file);
  } else {
    complain(path);
    detail::recorded.store(nullptr);
  }
}

/// A child that has the program's environment reports beside it, in FILE.PID, and
/// only if it has connections.
void start_file_of_child() noexcept {
  destination expected = destination::file_of_child;
  if (!writes_to.compare_exchange_strong(expected, destination::file)) return;
  text<4096> path;
  path.add(file_path).add(".").add_number(static_cast<std::uint64_t>(getpid()));
  static_cast<void>(record_in(path.c_str()));
}

/// The program may have closed descriptor 2 and opened something else there.
bool is_standard_error_unchanged() noexcept {
  struct stat now {};
  return fstat(STDERR_FILENO, &now) == 0 && now.st_dev == standard_error_at_start.st_dev &&
         now.st_ino == standard_error_at_start.st_ino;
}

bool is_to_be_finished() noexcept {
  return detail::is_wanted() && figures().process.pid == getpid() && figures().ended_ns.load() == 0;
}

}  // namespace

void start(const char* where, pid_t launched) noexcept {
  if (where == nullptr) return;
  is_of_child = launched != 0 && launched != getpid();
  auto* const page = reinterpret_cast<counters*>(private_page);
  describe_process(*page);
  detail::recorded.store(page, std::memory_order_release);
  if (std::strcmp(where, "stderr") == 0) {
    if (fstat(STDERR_FILENO, &standard_error_at_start) == 0) {
      writes_to.store(destination::standard_error);
    }
  } else {
    start_file(where, launched);
  }
}

void finish() noexcept {
  if (!is_to_be_finished()) return;
  record_footprint(exact_footprint_bytes());
  finish_at_once();
}

void finish_at_once() noexcept {
  if (!is_to_be_finished()) return;
  if (figures().ended_ns.exchange(now_ns()) != 0) return;
  figures().late_frees.store(core::late_frees(), std::memory_order_relaxed);
  if (writes_to.load() != destination::standard_error || !is_standard_error_unchanged()) return;
  if (is_of_child && figures().connections_opened.load() == 0) return;
  const summary_text summary = summary_of(figures());
  write_last_words(STDERR_FILENO, summary.c_str(), summary.size());
}

void leave_to_parent() noexcept { detail::recorded.store(nullptr); }

namespace detail {

void count_connection_opened() noexcept {
  if (writes_to.load(std::memory_order_relaxed) == destination::file_of_child) {
    start_file_of_child();
  }
  add(figures().connections_opened, 1);
}

void count_connection_closed() noexcept {
  add(figures().connections_closed, 1);
  record_footprint(footprint_bytes());
}

void count_arena_opened() noexcept {
  add(figures().arenas_opened, 1);
  record_footprint(footprint_bytes());
}

void count_drained(const core::drain_result& result) noexcept {
  counters& to = figures();
  add(to.returned_bytes, result.returned_bytes);
  add(to.survivor_blocks, result.survivor_blocks);
  add(to.survivor_bytes, result.survivor_bytes);
  to.late_frees.store(core::late_frees(), std::memory_order_relaxed);
  record_footprint(footprint_bytes());
}

void count_block() noexcept {
  // Rarely enough to cost nothing, often enough to see a peak of many blocks.
  constexpr unsigned blocks_between_looks = 64;
  static constinit std::atomic<unsigned> blocks{0};
  const unsigned count = blocks.fetch_add(1, std::memory_order_relaxed);
  if (count % blocks_between_looks == 0) record_footprint(footprint_bytes());
}

}  // namespace detail
}  // namespace connarena::shim::report
