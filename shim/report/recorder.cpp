#include "shim/report/recorder.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/held_signals.hpp"
#include "shim/report/copy_times.hpp"
#include "shim/report/footprint.hpp"
#include "shim/report/last_words.hpp"
#include "shim/report/ledger_file.hpp"
#include "shim/report/process_state.hpp"
#include "shim/report/program_name.hpp"
#include "shim/report/records.hpp"
#include "shim/report/returned.hpp"
#include "shim/report/summary.hpp"
#include "shim/settings/settings.hpp"

namespace connarena::shim::report {

namespace detail {
constinit std::atomic<bool> is_file_behind{false};
}  // namespace detail

namespace {

enum class destination : unsigned char { none, standard_error, file, numbered_file };
constinit std::atomic<destination> writes_to{destination::none};
pid_t launched_process = 0;
struct stat standard_error_at_start;

std::atomic<bool> is_copying{false};
copy_times times;

bool is_own_record(const counters& of) noexcept {
  return !may_ask_process() || of.pid.load(std::memory_order_relaxed) == getpid();
}

bool is_launched() noexcept { return launched_process == 0 || launched_process == getpid(); }

void complain(const char* path, const char* why) noexcept {
  text<400> line;
  line.add("connarena: CONNARENA_REPORT: ").add(why).add(" ").add_name(path, strnlen(path, 80));
  line.add("\n").write_to(STDERR_FILENO);
}

/// Memory that children share: what they count is there whatever becomes of them.
bool make_ledger() noexcept {
  void* const shared =
      mmap(nullptr, file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return false;
  auto* const made = static_cast<ledger*>(shared);
  std::memcpy(made->head.magic, file_magic, sizeof made->head.magic);
  const process_name self = process_of(getpid());
  if (is_launched()) made->head.run = self;
  made->head.family =
      static_cast<std::uint64_t>(since_boot_ns()) << 16 ^ static_cast<std::uint64_t>(self.pid);
  std::memcpy(made->program, program_name(), strnlen(program_name(), sizeof made->program - 1));
  made->retain_bytes = current_settings.retain_bytes;
  made->place.store(no_place);
  own_family = made;
  own_record.store(take_record(*made), std::memory_order_release);
  return true;
}

/// The program has the file to itself if it is what the launcher has become; if there was
/// no launcher, the first one to come has it.
bool is_anothers() noexcept {
  if (launched_process != 0) return !is_launched();
  return is_recorded_by_others() || is_unreadable();
}

void start_file(const char* path) noexcept {
  name_file(path);
  if (is_anothers()) {
    own_family->head.run = {};
    writes_to.store(destination::numbered_file);
  } else if (create_file(*own_family)) {
    writes_to.store(destination::file);
  } else {
    complain(path, "cannot write");
    own_record.store(nullptr);
  }
}

/// Pre: no other thread of the process copies.
void copy(extent what) noexcept {
  const errno_kept kept;
  if (have_tables_changed.exchange(false)) what = extent::everything;
  copy_to_file(*own_family, own_figures(), what);
}

enum class copy_is : bool { due, wanted };

/// Copies what is counted; if nobody waits for it, only where the time has come. Signals
/// are held back: a handler that forks or ends the process finds no descriptor of ours.
void copy_figures(copy_is how) noexcept {
  if (writes_to.load(std::memory_order_relaxed) != destination::file) return;
  detail::is_file_behind.store(true, std::memory_order_relaxed);
  if (!may_copy() || !is_own_record(own_figures())) return;
  const held_signals held;
  if (is_copying.exchange(true, std::memory_order_acquire)) return;
  const std::int64_t begin_ns = now_ns();
  if (how == copy_is::due || times.is_time(begin_ns)) {
    detail::is_file_behind.store(false, std::memory_order_relaxed);
    copy(extent::figures);
    times.note(begin_ns, now_ns());
  }
  is_copying.store(false, std::memory_order_release);
}

/// The program may have closed descriptor 2 and opened something else there.
bool is_standard_error_unchanged() noexcept {
  struct stat now {};
  return fstat(STDERR_FILENO, &now) == 0 && now.st_dev == standard_error_at_start.st_dev &&
         now.st_ino == standard_error_at_start.st_ino;
}

/// The family's first speaks for all. Who outlives it speaks for itself.
void write_summary() noexcept {
  if (!is_standard_error_unchanged()) return;
  const counters& first = own_family->processes[0];
  totals sums;
  if (&own_figures() == &first) {
    sums.add(*own_family);
    sums.conclude();
  } else if (first.ended_ns.load() != 0) {
    sums.add(*own_family, own_figures());
  } else {
    return;
  }
  if (!is_launched() && !sums.has_connections()) return;
  summary_text summary = summary_of(sums);
  summary.add(outcome_of(sums).c_str());
  write_last_words(STDERR_FILENO, summary.c_str(), summary.size());
}

bool is_to_be_finished() noexcept {
  return is_report_wanted() && own_figures().ended_ns.load() == 0 && is_own_record(own_figures());
}

/// Whoever runs on is copied as well: none of them may have the right to.
void copy_last() noexcept {
  if (!may_copy()) return;
  const held_signals held;
  copy(extent::everything);
}

}  // namespace

void start(const char* where, pid_t launched) noexcept {
  if (where == nullptr) return;
  launched_process = launched;
  note_program();
  if (!make_ledger()) return complain(where, "no memory for");
  if (std::strcmp(where, "stderr") == 0) {
    if (fstat(STDERR_FILENO, &standard_error_at_start) == 0) {
      writes_to.store(destination::standard_error);
    }
  } else {
    start_file(where);
  }
}

void finish() noexcept {
  if (!is_to_be_finished()) return;
  note_footprint(*own_family, own_figures(), exact_footprint_bytes());
  finish_at_once();
}

void finish_at_once() noexcept {
  if (!is_to_be_finished()) return;
  const errno_kept kept;
  own_figures().late_frees.store(core::late_frees(), std::memory_order_relaxed);
  note_returned(own_figures());
  if (!note_end(*own_family, own_figures())) return;
  if (writes_to.load() == destination::file) copy_last();
  if (writes_to.load() == destination::standard_error) write_summary();
}

void before_fork() noexcept {
  if (!is_report_wanted()) return;
  // A copy takes some microseconds. A child that begins in one has its descriptors for good.
  constexpr int most_yields = 10000;
  for (int i = 0; i < most_yields && is_copying.exchange(true); ++i) sched_yield();
}

void after_fork_in_parent() noexcept { is_copying.store(false); }

void after_fork_in_child() noexcept {
  is_copying.store(false);
  if (!is_report_wanted()) return;
  counters* const own = take_record(*own_family);
  own_record.store(own != nullptr ? own : &own_family->earlier);
  ++forks_before;
  forget_returns();
  // Its parent may end before it has anything to count.
  copy_figures(copy_is::wanted);
}

namespace detail {

void count_connection_opened() noexcept {
  prepare_file();
  add(own_figures().connections_opened, 1);
  copy_figures(copy_is::wanted);
}

void count_connection_closed(bool is_own) noexcept {
  note_returned(own_figures());
  note_close();
  if (is_own) add(own_figures().connections_closed, 1);
  note_footprint(*own_family, own_figures(), footprint_bytes());
  copy_figures(copy_is::wanted);
}

void count_arena_opened() noexcept {
  add(own_figures().arenas_opened, 1);
  note_footprint(*own_family, own_figures(), footprint_bytes());
}

void count_drained(const core::drain_result& result) noexcept {
  counters& to = own_figures();
  add(to.survivor_blocks, result.survivor_blocks);
  add(to.survivor_bytes, result.survivor_bytes);
  to.late_frees.store(core::late_frees(), std::memory_order_relaxed);
  note_returned(to);
  note_footprint(*own_family, to, footprint_bytes());
  copy_figures(copy_is::wanted);
}

void count_block() noexcept {
  // Rarely enough to cost nothing, often enough to see a peak of many blocks.
  constexpr unsigned blocks_between_looks = 64;
  static constinit std::atomic<unsigned> blocks{0};
  const unsigned count = blocks.fetch_add(1, std::memory_order_relaxed);
  if (count % blocks_between_looks == 0)
    note_footprint(*own_family, own_figures(), footprint_bytes());
}

void count_returned(bool is_all) noexcept {
  note_returned(own_figures());
  note_footprint(*own_family, own_figures(), is_all ? exact_footprint_bytes() : footprint_bytes());
  // Once the program is quiet, whoever looks at the file is to see how it is.
  copy_figures(is_all ? copy_is::due : copy_is::wanted);
  // Asked for once: where the file cannot be written, nobody is to try for ever.
  is_file_behind.store(false, std::memory_order_relaxed);
}

void prepare_file() noexcept {
  if (writes_to.load(std::memory_order_relaxed) != destination::numbered_file) return;
  destination expected = destination::numbered_file;
  if (!may_name_files() || !writes_to.compare_exchange_strong(expected, destination::file)) return;
  const errno_kept kept;
  create_numbered_file(*own_family, launched_process);
}

void close_standard_error() noexcept {
  if (writes_to.load() == destination::standard_error) finish();
}

}  // namespace detail
}  // namespace connarena::shim::report
