#include "shim/launcher/report_files.hpp"

#include <algorithm>
#include <cstring>

#include "shim/launcher/regular_file.hpp"

namespace connarena::launcher {

using shim::report::is_ledger;
using shim::report::ledger;
using shim::report::ledger_head;

report_files::report_files(const std::string& name) {
  const regular_file file(name);
  if (!file.is_open()) {
    error_ = "cannot read " + name + ": " +
             (file.error() != 0 ? std::strerror(file.error()) : "it is no regular file");
    return;
  }
  const auto head = file.at<ledger_head>(0);
  if (is_report(head) && !is_ledger(head)) {
    error_ = name + " is a report of another version of connarena";
  } else if (!is_ledger(head) || file.size() < sizeof(ledger)) {
    error_ = name + " is no report; `connarena run --report=FILE` writes one";
  } else {
    add(file.part(0, sizeof(ledger)));
    add_numbered(name, file.owner());
  }
}

bool report_files::is_known(std::uint64_t family) const {
  return std::any_of(families_.begin(), families_.end(),
                     [=](const ledger* each) { return each->head.family == family; });
}

void report_files::add(std::vector<char>&& contents) {
  auto aligned = std::make_unique<char[]>(sizeof(ledger) + alignof(ledger));
  void* place = aligned.get();
  std::size_t room = sizeof(ledger) + alignof(ledger);
  std::align(alignof(ledger), sizeof(ledger), place, room);
  std::memcpy(place, contents.data(), std::min(contents.size(), sizeof(ledger)));
  families_.push_back(static_cast<const ledger*>(place));
  bytes_.push_back(std::move(aligned));
}

/// Anybody may make a file of that name in a folder that all may write to.
void report_files::add_numbered(const std::string& name, unsigned owner) {
  const shim::report::process_name run = families_.front()->head.run;
  for (int number = 1; number <= shim::report::most_places; ++number) {
    const regular_file file(name + "." + std::to_string(number), regular_file::links::not_followed);
    const auto head = file.at<ledger_head>(0);
    const bool is_ours = file.is_open() && (file.owner() == owner || file.owner() == 0);
    if (!is_ours || !is_ledger(head) || file.size() < sizeof(ledger)) continue;
    if (head.run == run && !is_known(head.family)) add(file.part(0, sizeof(ledger)));
  }
}

}  // namespace connarena::launcher
