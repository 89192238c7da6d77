#include "shim/report/ledger_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/report/file_names.hpp"
#include "shim/report/kernel_copy.hpp"
#include "shim/report/own_file.hpp"
#include "shim/report/process_state.hpp"

namespace connarena::shim::report {
namespace {

char* mapping = nullptr;  ///< nobody but the kernel touches it
file_identity mapped{};
/// A process that has another root now would find another file by the name.
file_identity first_root{};

/// Of the records, those that were ever used.
std::size_t used_bytes(const ledger& from) noexcept {
  std::size_t used = 0;
  for (std::size_t i = 0; i < ledger::most_processes; ++i) {
    if (from.processes[i].pid.load(std::memory_order_relaxed) != 0) used = i + 1;
  }
  return offsetof(ledger, processes) + used * sizeof(counters);
}

bool copy_part(const ledger& from, std::size_t begin, std::size_t end) noexcept {
  const char* const bytes = reinterpret_cast<const char*>(&from);
  return copy_by_kernel(mapping + begin, bytes + begin, end - begin) != copied::not_all;
}

bool copy_parts(const ledger& from, const counters& own, extent what) noexcept {
  constexpr std::size_t tables = offsetof(ledger, names);
  if (what == extent::everything) {
    return copy_part(from, 0, used_bytes(from)) && copy_part(from, tables, sizeof from);
  }
  const auto record = static_cast<std::size_t>(reinterpret_cast<const char*>(&own) -
                                               reinterpret_cast<const char*>(&from));
  return copy_part(from, 0, offsetof(ledger, processes)) &&
         copy_part(from, record, record + sizeof own);
}

bool adopt(const opened_file& file) noexcept {
  void* const page =
      mmap(nullptr, file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor(), 0);
  if (page == MAP_FAILED) return false;
  if (mapping != nullptr) munmap(mapping, file_bytes);
  mapping = static_cast<char*>(page);
  mapped = file.identity();
  return true;
}

/// Creates a file with all that is in the ledger, gives it a name and maps it.
bool create(const ledger& own, const path_text& name, naming how) noexcept {
  const path_text fresh = name_of_draft();
  const opened_file file(fresh.c_str(), opened_file::create);
  if (!file.is_open()) return false;
  const bool is_named =
      file.resize(file_bytes) && file.write(&own, sizeof own) && give_name(fresh, name, how);
  if (!is_named) ::unlink(fresh.c_str());
  return is_named && adopt(file);
}

bool has_anybody_running(const ledger& of) noexcept {
  const auto* const end = of.processes + ledger::most_processes;
  return std::any_of(of.processes, end, [](const counters& each) { return is_running(each); });
}

/// Reads what a file says; room for one, since nobody has a stack for it.
alignas(ledger) char bytes_read[sizeof(ledger)];
const ledger* read_ledger(const path_text& name) noexcept {
  const opened_file file(name.c_str(), opened_file::read_only);
  const bool is_read = file.is_open() && file.read(bytes_read, sizeof bytes_read);
  const auto* const found = reinterpret_cast<const ledger*>(bytes_read);
  return is_read && is_ledger(found->head) ? found : nullptr;
}

void add_ledger(const ledger& from, ledger& to) noexcept {
  add_figures(from.earlier, to.earlier);
  add(to.processes_before, read(from.processes_before));
  for (const counters& each : from.processes) {
    if (each.pid.load() == 0) continue;
    add_figures(each, to.earlier);
    add(to.processes_before, 1);
  }
}

/// Takes over the name and the figures of a family of this run that has ended, or the name
/// of any other that has.
bool take_over(ledger& own, const path_text& name) noexcept {
  const ledger* found = read_ledger(name);
  if (found == nullptr || has_anybody_running(*found)) return false;
  const path_text aside = name_of_draft();
  // One of several that want it moves it aside: it may be another's by now.
  if (std::rename(name.c_str(), aside.c_str()) != 0) return false;
  found = read_ledger(aside);
  if (found != nullptr && has_anybody_running(*found)) {
    static_cast<void>(give_name(aside, name, naming::new_name));
    return false;
  }
  ::unlink(aside.c_str());
  if (found != nullptr && found->head.run == own.head.run) add_ledger(*found, own);
  return true;
}

/// A number whose file is now the family's; no_place: none is free.
int seek_place(ledger& own) noexcept {
  const auto is_made = [&](const path_text& name) { return create(own, name, naming::new_name); };
  for (int number = 1; number <= most_places; ++number) {
    const path_text name = name_of_file(number);
    if (identity_of(name.c_str()).device == 0 && is_made(name)) return number;
  }
  for (int number = 1; number <= most_places; ++number) {
    const path_text name = name_of_file(number);
    if (take_over(own, name) && is_made(name)) return number;
  }
  return no_place;
}

void read_run(ledger& own, pid_t launched) noexcept {
  ledger_head first{};
  const bool is_known =
      look_at(name_of_file(0).c_str(), first) == occupant::report && is_ledger(first);
  own.head.run = is_known ? first.run : process_of(launched);
}

/// Makes our file as long as it was, or takes a relative's.
void open_again(const path_text& name) noexcept {
  const opened_file file(name.c_str(), opened_file::read_and_write);
  if (!file.is_open()) return;
  if (file.identity().bytes < file_bytes && !file.resize(file_bytes)) return;
  if (!file.identity().is_same_file(mapped)) static_cast<void>(adopt(file));
}

/// The file is not where it was, or not as long.
void repair(ledger& own, int place) noexcept {
  const path_text name = name_of_file(place);
  if (identity_of(name.c_str()).is_same_file(mapped)) return open_again(name);
  ledger_head found{};
  switch (look_at(name.c_str(), found)) {
    case occupant::nothing:
      static_cast<void>(create(own, name, naming::new_name));
      return;
    case occupant::empty_file:
      static_cast<void>(create(own, name, naming::replacing));
      return;
    case occupant::report:
      if (found.family == own.head.family) return open_again(name);
      if (place == 0) create_numbered_file(own, 0);
      return;
    case occupant::unreadable:
    case occupant::something_else:
      return;
  }
}

bool is_in_order(const path_text& name) noexcept {
  const file_identity present = identity_of(name.c_str());
  return present.is_same_file(mapped) && present.bytes >= file_bytes;
}

bool may_look() noexcept { return may_name_files() && identity_of("/").is_same_file(first_root); }

}  // namespace

void name_file(const char* path) noexcept {
  keep_name(path);
  first_root = identity_of("/");
}

bool is_recorded_by_others() noexcept {
  const ledger* const found = read_ledger(name_of_file(0));
  return found != nullptr && has_anybody_running(*found);
}

bool is_unreadable() noexcept {
  ledger_head ignored{};
  return look_at(name_of_file(0).c_str(), ignored) == occupant::unreadable;
}

bool create_file(ledger& own) noexcept {
  const path_text name = name_of_file(0);
  ledger_head ignored{};
  const occupant present = look_at(name.c_str(), ignored);
  if (present == occupant::unreadable || present == occupant::something_else) return false;
  own.place.store(0);
  return create(own, name, naming::replacing);
}

void create_numbered_file(ledger& own, pid_t launched) noexcept {
  std::int32_t place = own.place.load();
  if (place > 0 || place == place_is_sought) return;
  if (!own.place.compare_exchange_strong(place, place_is_sought)) return;
  if (own.head.run.pid == 0) read_run(own, launched);
  own.place.store(seek_place(own));
}

void copy_to_file(ledger& from, const counters& own, extent what) noexcept {
  const int place = from.place.load();
  if (place < 0) return;
  if (may_look()) {
    // Where a relative was faster, the second look finds its file.
    for (int tries = 0; tries < 2 && !is_in_order(name_of_file(place)); ++tries) {
      repair(from, place);
      what = extent::everything;
    }
  }
  if (mapping != nullptr) static_cast<void>(copy_parts(from, own, what));
}

}  // namespace connarena::shim::report
