#include "shim/launcher/live_segments.hpp"

#include <pwd.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

#include "shim/handler_safe/clock.hpp"
#include "shim/launcher/printable.hpp"
#include "shim/report/process_state.hpp"

namespace connarena::launcher {
namespace {

using live::head;
using live::row;
using live::segment;

constexpr std::size_t arenas_begin = offsetof(segment, arenas);
constexpr std::size_t connections_begin = offsetof(segment, connections);

template <typename Word>
Word value(const std::atomic<Word>& of) {
  return of.load(std::memory_order_relaxed);
}

distribution value(const live::distribution& of) {
  distribution seen;
  for (std::size_t i = 0; i < seen.counts.size(); ++i) seen.counts[i] = value(of.counts[i]);
  seen.sum = value(of.sum);
  return seen;
}

std::string user_name(uid_t user) {
  const passwd* const known = getpwuid(user);
  return known != nullptr ? known->pw_name : "user " + std::to_string(user);
}

bool is_running(pid_t pid) { return shim::report::is_running(pid, shim::report::since_boot_ns()); }

std::uint64_t resident_bytes_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// Since boot, in the clock that the figures are in.
std::int64_t began_ns(std::uint64_t start_ticks) {
  const auto ticks_a_second = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  const auto since_boot =
      static_cast<std::int64_t>(start_ticks * (shim::ns_a_second / ticks_a_second));
  return since_boot - (shim::report::since_boot_ns() - shim::now_ns());
}

std::int64_t between(std::int64_t earlier, std::int64_t later) {
  return earlier > 0 && earlier < later ? later - earlier : 0;
}

/// False if the row is nobody's, or changed hands meanwhile. `to` has the limit of those that
/// are not exempt.
bool read_row(const row& from, std::int64_t now, live_connection& to) {
  // acquire: the figures are that connection's
  to.id = from.id.load(std::memory_order_acquire);
  if (to.id == 0) return false;
  const bool is_open = value(from.state) == live::row_state::open;
  to.state = is_open ? live::row_state::open : live::row_state::draining;
  to.age_ns = between(value(from.opened_ns), now);
  to.idle_ns = value(from.was_active) ? 0 : between(value(from.active_ns), now);
  to.live_bytes = value(from.live_bytes);
  to.peak_bytes = value(from.peak_bytes);
  to.footprint_bytes = value(from.footprint_bytes);
  to.blocks = value(from.blocks);
  if (to.is_arena) {
    to.limit_bytes = value(from.limit_kib) * std::uint64_t{1024};
  } else {
    to.fd = value(from.fd);
  }
  to.is_disconnected = (value(from.marks) & live::row_mark::disconnected) != 0;
  if ((value(from.marks) & live::row_mark::exempt) != 0) to.limit_bytes = 0;
  std::atomic_thread_fence(std::memory_order_acquire);
  return value(from.id) == to.id;
}

bool is_larger(const live_connection& one, const live_connection& other) {
  if (one.footprint_bytes != other.footprint_bytes)
    return one.footprint_bytes > other.footprint_bytes;
  return one.id < other.id;
}

/// Whether a segment that a process of this number made is that of who has the number now.
/// A program may change its user, and root's may become anybody's; anybody else's segment
/// is of an earlier process.
bool may_be_of(pid_t pid, uid_t user) {
  if (user == 0) return true;
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string field;
    if (!(words >> field) || field != "Uid:") continue;
    const std::istream_iterator<uid_t> users(words), end;
    return std::find(users, end, user) != end;
  }
  return false;
}

std::string why_not(const head& found, std::size_t bytes, pid_t pid) {
  const std::string process = "process " + std::to_string(pid);
  if (!is_segment(found)) {
    return process + " runs under another version of connarena: its live figures are of version " +
           printable({found.magic + live::version_at, 1}) + ", this program reads version " +
           live::segment_magic[live::version_at];
  }
  if (found.start_ticks == 0) return process + " could not tell who it is: it had no /proc";
  return bytes < arenas_begin + sizeof(row) ? process + " has live figures that are damaged" : "";
}

}  // namespace

void distribution::add(const distribution& other) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

distribution footprints_of(const std::vector<live_connection>& connections) {
  distribution seen;
  for (const live_connection& each : connections) {
    ++seen.counts[live::place_among(live::size_bounds, each.footprint_bytes)];
    seen.sum += each.footprint_bytes;
  }
  return seen;
}

void sort_by_size(std::vector<live_connection>& connections) {
  std::sort(connections.begin(), connections.end(), is_larger);
}

std::string name_of(const live_connection& connection) {
  // A handle's index has 24 bits.
  const unsigned number_bits = connection.is_arena ? 24 : 32;
  const std::uint64_t number = connection.id & ((std::uint64_t{1} << number_bits) - 1);
  return (connection.is_arena ? "a" : "") + std::to_string(number) + "." +
         std::to_string(connection.id >> number_bits);
}

std::vector<segment_place> segment_places() {
  std::vector<segment_place> found;
  std::ifstream table("/proc/sysvipc/shm");
  std::string line;
  std::getline(table, line);
  while (std::getline(table, line)) {
    std::istringstream words(line);
    long key = 0, number = 0, size = 0, maker = 0, last = 0, users = 0, user = 0, ignored = 0;
    std::string mode;
    words >> key >> number >> mode >> size >> maker >> last >> users >> ignored >> ignored >> user;
    // Marked for removal, and its owner's alone.
    if (!words || key != 0 || mode != "1600" || maker == 0) continue;
    found.push_back(
        {static_cast<int>(number), static_cast<pid_t>(maker), static_cast<uid_t>(user)});
  }
  return found;
}

live_segment::live_segment(const segment_place& at) : place_(at) {
  if (!may_be_of(at.maker, at.user)) {
    is_something_else_ = true;
    error_ = "no live figures";
    return;
  }
  void* const memory = shmat(at.number, nullptr, SHM_RDONLY);
  // shmat says -1 where it fails.
  if (reinterpret_cast<std::intptr_t>(memory) == -1) {
    const bool is_others = errno == EACCES || errno == EPERM;
    error_ = "process " + std::to_string(at.maker) +
             (is_others ? " is " + user_name(at.user) + "'s: only that user and root may look at it"
                        : " has ended");
    return;
  }
  at_ = static_cast<const segment*>(memory);
  shmid_ds status{};
  if (shmctl(at.number, IPC_STAT, &status) == 0) bytes_ = status.shm_segsz;
  is_something_else_ = bytes_ < sizeof(head) || !is_any_segment(at_->all);
  error_ = is_something_else_ ? "no live figures" : why_not(at_->all, bytes_, at.maker);
}

live_segment::~live_segment() {
  if (at_ != nullptr) shmdt(at_);
}

std::uint64_t live_segment::rows_within(std::size_t begin, std::uint64_t end) const {
  const std::uint64_t room = bytes_ > begin ? (bytes_ - begin) / sizeof(row) : 0;
  return std::min({room, end, std::uint64_t{segment::most_rows}});
}

void live_segment::add_arenas(std::vector<live_connection>& to, std::int64_t now) const {
  const live::arena_names& names = at_->names;
  const std::uint64_t end = rows_within(arenas_begin, value(at_->all.arenas_end));
  for (std::uint64_t i = 0; i < end; ++i) {
    live_connection read{};
    read.process = place_.maker;
    read.is_arena = true;
    read.fd = -1;
    if (!read_row(at_->arenas[i], now, read)) continue;
    read.kind = "arena";
    const std::size_t number = value(at_->arenas[i].name);
    if (number != 0 && number < live::arena_names::most) {
      const char* const name = names.texts[number];
      read.name = printable({name, strnlen(name, live::arena_names::most_bytes)});
    }
    to.push_back(std::move(read));
  }
}

void live_segment::add_connections(std::vector<live_connection>& to, std::int64_t now) const {
  const std::uint64_t end = rows_within(connections_begin, value(at_->all.connections_end));
  for (std::uint64_t i = 0; i < end; ++i) {
    live_connection read{};
    read.process = place_.maker;
    read.limit_bytes = value(at_->all.limit_bytes);
    if (read_row(at_->connections[i], now, read)) to.push_back(std::move(read));
  }
}

std::vector<live_connection> live_segment::read_rows(std::int64_t now) const {
  std::vector<live_connection> rows;
  add_arenas(rows, now);
  add_connections(rows, now);
  sort_by_size(rows);
  return rows;
}

std::optional<live_process> live_segment::read(extent what) const {
  if (!error_.empty()) return {};
  const head& all = at_->all;
  const std::uint64_t start_ticks = shim::report::process_of(place_.maker).start_ticks;
  // A later process may have the number.
  if (start_ticks != all.start_ticks) return {};
  if (!is_running(place_.maker)) return {};
  const std::int64_t now = shim::now_ns();
  live_process read{};
  read.pid = place_.maker;
  read.parent = shim::report::parent_of(place_.maker);
  read.program = printable({all.program, strnlen(all.program, sizeof all.program)});
  read.age_ns = between(began_ns(start_ticks), now);
  read.figures_age_ns = between(value(all.looked_ns), now);
  read.resident_bytes = resident_bytes_of(place_.maker);
  read.live_bytes = value(all.live_bytes);
  read.retained_bytes = value(all.retained_bytes);
  read.footprint_bytes = value(all.footprint_bytes);
  read.retain_bytes = all.retain_bytes;
  read.opened = value(all.opened);
  read.closed = value(all.closed);
  read.inherited = value(all.inherited);
  read.unlisted = value(all.unlisted);
  read.open = read.opened + read.inherited - std::min(read.opened + read.inherited, read.closed);
  read.survivor_blocks = value(all.survivor_blocks);
  read.survivor_bytes = value(all.survivor_bytes);
  read.limit_bytes = value(all.limit_bytes);
  read.budget_bytes = value(all.budget_bytes);
  read.has_connections = bytes_ > connections_begin;
  read.over_limit_fails = value(all.over_limit_fails);
  read.disconnected = value(all.disconnected);
  read.refused = value(all.refused);
  read.ended_peaks = value(all.ended_peaks);
  read.ended_lifetimes = value(all.ended_lifetimes);
  if (what == extent::connections) read.connections = read_rows(now);
  return read;
}

/// All that a viewer writes.
void live_segment::ask(std::uint64_t connection) const {
  if (!error_.empty() || bytes_ < arenas_begin) return;
  if (connection == 0 && value(at_->asked.wanted) == 0) return;
  void* const memory = shmat(place_.number, nullptr, 0);
  if (reinterpret_cast<std::intptr_t>(memory) == -1) return;
  live::asked_blocks& asked = static_cast<segment*>(memory)->asked;
  constexpr std::int64_t while_somebody_looks_ns = 10 * shim::ns_a_second;
  asked.wanted_until_ns.store(shim::now_ns() + while_somebody_looks_ns, std::memory_order_relaxed);
  asked.wanted.store(connection, std::memory_order_relaxed);
  shmdt(memory);
}

bool live_segment::tells_of_blocks() const {
  return error_.empty() && bytes_ >= arenas_begin && value(at_->asked.is_answered);
}

live_frame live_segment::frame_in(std::uint64_t frame) const {
  constexpr unsigned address_bits = 48;
  const std::uint64_t address = frame & ((std::uint64_t{1} << address_bits) - 1);
  const std::uint64_t number = frame >> address_bits;
  if (number == 0 || number >= live::asked_blocks::most_modules) return {"", "?", address};
  const live::asked_blocks::module& module = at_->asked.modules[number];
  return {std::string(module.path, strnlen(module.path, sizeof module.path)),
          std::string(module.label, strnlen(module.label, sizeof module.label)), address};
}

std::vector<live_block> live_segment::blocks_of(std::uint64_t connection) const {
  std::vector<live_block> blocks;
  ask(connection);
  if (!error_.empty() || bytes_ < arenas_begin) return blocks;
  const live::asked_blocks& asked = at_->asked;
  // acquire: the blocks are that connection's
  if (asked.of.load(std::memory_order_acquire) != connection) return blocks;
  const std::size_t count = std::min<std::size_t>(value(asked.count), live::asked_blocks::most);
  for (std::size_t i = 0; i < count; ++i) {
    live_block& each = blocks.emplace_back(live_block{value(asked.blocks[i].bytes), {}});
    for (const auto& frame : asked.blocks[i].frames) {
      if (value(frame) == 0) break;
      each.frames.push_back(frame_in(value(frame)));
    }
  }
  std::atomic_thread_fence(std::memory_order_acquire);
  return value(asked.of) == connection ? blocks : std::vector<live_block>();
}

namespace {

/// A program's own segments may look like ours.
std::unique_ptr<live_segment> best_of(const std::vector<segment_place>& places, pid_t pid) {
  std::unique_ptr<live_segment> best;
  for (const segment_place& each : places) {
    if (each.maker != pid) continue;
    auto found = std::make_unique<live_segment>(each);
    if (found->error().empty()) return found;
    if (best == nullptr || best->is_something_else()) best = std::move(found);
  }
  return best;
}

}  // namespace

std::unique_ptr<live_segment> find_segment(const std::string& pid, std::string& error) {
  pid_t number = 0;
  const auto [end, code] = std::from_chars(pid.data(), pid.data() + pid.size(), number);
  if (code != std::errc{} || end != pid.data() + pid.size() || number <= 0) {
    error = (pid.empty() ? "nothing" : pid) + " is no process number";
    return nullptr;
  }
  std::unique_ptr<live_segment> found = best_of(segment_places(), number);
  const bool runs = is_running(number);
  if (!runs) {
    error = "there is no process " + pid;
  } else if (found == nullptr || found->is_something_else()) {
    error = "process " + pid +
            " has no live figures: it neither runs under `connarena run` nor calls "
            "connarena_publish, or runs with --live=off";
  } else {
    error = found->error();
  }
  return error.empty() ? std::move(found) : nullptr;
}

std::vector<live_process> all_live_processes(extent what) {
  std::vector<live_process> found;
  for (const segment_place& each : segment_places()) {
    const live_segment at(each);
    if (auto read = at.read(what)) found.push_back(std::move(*read));
  }
  std::sort(found.begin(), found.end(),
            [](const live_process& a, const live_process& b) { return a.pid < b.pid; });
  return found;
}

}  // namespace connarena::launcher
