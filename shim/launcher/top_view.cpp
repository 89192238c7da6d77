#include "shim/launcher/top_view.hpp"

#include <algorithm>
#include <cctype>

#include "shim/launcher/live_text.hpp"
#include "shim/launcher/printable.hpp"

namespace connarena::launcher {
namespace {

/// Of so many connections the past is kept, the largest first.
constexpr std::size_t most_histories = 1000;

}  // namespace

void top_view::show(std::optional<live_process> process) {
  has_ended_ = !process;
  if (!process) return;
  last_ = std::move(*process);
  resident_.add(last_.resident_bytes);
  footprint_.add(last_.footprint_bytes);
  std::map<connection_key, history> still;
  for (const live_connection& each : last_.connections) {
    const connection_key key = key_of(each);
    if (still.size() == most_histories && key != detailed_) continue;
    still[key] = std::move(of_connections_[key]);
    still[key].add(each.footprint_bytes);
  }
  if (const auto gone = of_connections_.find(detailed_); still.count(detailed_) == 0) {
    if (gone != of_connections_.end()) still[detailed_] = std::move(gone->second);
  }
  of_connections_ = std::move(still);
  if (const live_connection* const its = find(detailed_)) last_detailed_ = *its;
}

void top_view::show(std::vector<live_process> processes) { processes_ = std::move(processes); }

void top_view::choose(pid_t process, bool may_go_back) {
  chosen_ = process;
  may_go_back_ = may_go_back;
  selected_ = 0;
  top_row_ = 0;
  has_ended_ = false;
  is_frozen_ = false;
  last_ = {};
  last_.pid = process;
  resident_ = {};
  footprint_ = {};
  of_connections_.clear();
}

const live_connection* top_view::find(const connection_key& key) const {
  const auto found = std::find_if(last_.connections.begin(), last_.connections.end(),
                                  [&](const live_connection& each) { return key_of(each) == key; });
  return found != last_.connections.end() ? &*found : nullptr;
}

top_view::place top_view::where() const {
  if (chosen_ == 0) return place::processes;
  return std::get<pid_t>(detailed_) != 0 ? place::connection : place::table;
}

std::size_t top_view::rows() const {
  if (where() == place::processes) return processes_.size();
  return ordered(last_, order_).size();
}

bool top_view::press(key what, char character) {
  if (is_typing_) return press_in_filter(what, character);
  switch (what) {
    case key::left:
      sort_by_next(false);
      break;
    case key::right:
      sort_by_next(true);
      break;
    case key::enter:
      enter();
      break;
    case key::escape:
    case key::backspace:
      leave();
      break;
    case key::character:
      return press_character(character);
    default:
      move(rows_passed_by(what));
      break;
  }
  return true;
}

std::ptrdiff_t top_view::rows_passed_by(key what) const {
  const auto page = static_cast<std::ptrdiff_t>(page_rows_);
  const auto all = static_cast<std::ptrdiff_t>(rows());
  switch (what) {
    case key::up:
      return -1;
    case key::down:
      return 1;
    case key::page_up:
      return -page;
    case key::page_down:
      return page;
    case key::first:
      return -all;
    case key::last:
      return all;
    default:
      return 0;
  }
}

bool top_view::press_in_filter(key what, char character) {
  if (what == key::character) order_.filter += character;
  if (what == key::backspace && !order_.filter.empty()) order_.filter.pop_back();
  if (what == key::escape) order_.filter.clear();
  if (what == key::enter || what == key::escape) is_typing_ = false;
  selected_ = 0;
  return true;
}

bool top_view::press_character(char character) {
  switch (std::tolower(static_cast<unsigned char>(character))) {
    case 'q':
      return false;
    case ' ':
      is_frozen_ = !is_frozen_;
      break;
    case 'r':
      order_.is_reversed = !order_.is_reversed;
      break;
    case '/':
      is_typing_ = where() == place::table;
      break;
    case 'w':
      if (where() == place::table) show_together(!is_together_);
      break;
    case 'k':
      move(-1);
      break;
    case 'j':
      move(1);
      break;
    case '<':
      sort_by_next(false);
      break;
    case '>':
      sort_by_next(true);
      break;
    default:
      break;
  }
  return true;
}

/// What was watched until now were others.
void top_view::show_together(bool is_wanted) {
  is_together_ = is_wanted;
  is_frozen_ = false;
  selected_ = 0;
  resident_ = {};
  footprint_ = {};
}

void top_view::enter() {
  if (selected_ >= rows()) return;
  if (where() == place::processes) {
    choose(processes_[selected_].pid, true);
  } else if (where() == place::table) {
    last_detailed_ = *ordered(last_, order_)[selected_];
    detailed_ = key_of(last_detailed_);
    blocks_.clear();
  }
}

/// From the innermost outwards.
void top_view::leave() {
  if (where() == place::connection) {
    detailed_ = {};
  } else if (!order_.filter.empty()) {
    order_.filter.clear();
  } else if (may_go_back_) {
    choose(0, false);
  }
}

void top_view::move(std::ptrdiff_t by) {
  const auto last = static_cast<std::ptrdiff_t>(rows()) - 1;
  const auto wanted = static_cast<std::ptrdiff_t>(selected_) + by;
  selected_ = static_cast<std::size_t>(std::max<std::ptrdiff_t>(std::min(wanted, last), 0));
}

void top_view::sort_by_next(bool is_right) {
  const std::size_t count = columns().size();
  order_.column = (order_.column + (is_right ? 1 : count - 1)) % count;
  order_.is_reversed = false;
}

}  // namespace connarena::launcher
