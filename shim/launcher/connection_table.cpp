#include "shim/launcher/connection_table.hpp"

#include <algorithm>
#include <numeric>

#include "shim/launcher/live_text.hpp"

namespace connarena::launcher {
namespace {

using row = live_connection;

template <auto Member>
bool is_less_by(const row& one, const row& other) {
  return one.*Member < other.*Member;
}

const std::vector<column> all = {
    {"process", 9, 9, false, [](const row& of) { return std::to_string(of.process); },
     is_less_by<&row::process>},
    {"id", 10, 8, false, [](const row& of) { return name_of(of); }, is_less_by<&row::id>},
    {"footprint", 11, 0, false, [](const row& of) { return bytes_text(of.footprint_bytes); },
     is_less_by<&row::footprint_bytes>},
    {"live", 11, 2, false, [](const row& of) { return bytes_text(of.live_bytes); },
     is_less_by<&row::live_bytes>},
    {"peak", 11, 4, false, [](const row& of) { return bytes_text(of.peak_bytes); },
     is_less_by<&row::peak_bytes>},
    {"blocks", 8, 6, false, [](const row& of) { return std::to_string(of.blocks); },
     is_less_by<&row::blocks>},
    {"age", 7, 5, false, [](const row& of) { return span_text(of.age_ns); },
     is_less_by<&row::age_ns>},
    {"idle", 7, 3, false, [](const row& of) { return span_text(of.idle_ns); },
     is_less_by<&row::idle_ns>},
    {"state", 8, 7, true, [](const row& of) { return std::string(state_text(of)); },
     is_less_by<&row::state>},
    {"peer", 22, 1, true, [](const row& of) { return where_text(of); },
     [](const row& one, const row& other) { return where_text(one) < where_text(other); }}};

/// A column's text and the space before it.
std::string cell(const column& of, const std::string& text) {
  const std::string space(of.width > text.size() ? of.width - text.size() : 0, ' ');
  return of.is_left ? "  " + text + space : space + text;
}

std::size_t room_for(const column& of) { return of.is_left ? of.width + 2 : of.width; }

bool shows(const row& of, const std::string& words) {
  return std::any_of(
             all.begin(), all.end(),
             [&](const column& each) { return each.text(of).find(words) != std::string::npos; }) ||
         of.local.find(words) != std::string::npos;
}

std::string without_space_at_end(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

const std::vector<column>& columns() { return all; }

std::size_t column_named(std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [=](const column& each) { return name == each.name; });
  return static_cast<std::size_t>(found - all.begin());
}

std::string column_names() {
  return std::accumulate(all.begin(), all.end(), std::string(),
                         [](const std::string& before, const column& each) {
                           return before.empty() ? each.name : before + ", " + each.name;
                         });
}

std::vector<const live_connection*> ordered(const live_process& of, const table_order& by) {
  std::vector<const live_connection*> rows;
  for (const live_connection& each : of.connections) {
    if (by.filter.empty() || shows(each, by.filter)) rows.push_back(&each);
  }
  const column& key = all[by.column];
  const bool is_smallest_first = key.is_left != by.is_reversed;
  std::stable_sort(rows.begin(), rows.end(), [&](const row* one, const row* other) {
    return is_smallest_first ? key.is_less(*one, *other) : key.is_less(*other, *one);
  });
  return rows;
}

std::vector<std::size_t> columns_within(std::size_t width) {
  std::vector<std::size_t> by_rank(all.size());
  std::iota(by_rank.begin(), by_rank.end(), 0);
  std::sort(by_rank.begin(), by_rank.end(),
            [](std::size_t one, std::size_t other) { return all[one].rank < all[other].rank; });
  std::vector<std::size_t> shown;
  std::size_t used = 0;
  for (const std::size_t each : by_rank) {
    used += room_for(all[each]);
    if (used > width && !shown.empty()) break;
    shown.push_back(each);
  }
  std::sort(shown.begin(), shown.end());
  return shown;
}

std::string heading_of(const std::vector<std::size_t>& shown, const table_order& by) {
  std::string line;
  for (const std::size_t each : shown) {
    const char* const mark = each != by.column ? "" : by.is_reversed ? "^" : "*";
    line += cell(all[each], std::string(mark) + all[each].name);
  }
  return without_space_at_end(line);
}

std::string line_of(const live_connection& row, const std::vector<std::size_t>& shown) {
  std::string line;
  for (const std::size_t each : shown) line += cell(all[each], all[each].text(row));
  return without_space_at_end(line);
}

std::string table_text(const live_process& of, const table_order& by, std::size_t most) {
  if (of.connections.empty() || most == 0) return {};
  std::vector<std::size_t> shown(all.size());
  std::iota(shown.begin(), shown.end(), 0);
  std::string text = heading_of(shown, by) + "\n";
  const std::vector<const live_connection*> rows = ordered(of, by);
  const std::size_t count = std::min(most, rows.size());
  for (std::size_t i = 0; i < count; ++i) text += line_of(*rows[i], shown) + "\n";
  if (count < rows.size()) text += "  and " + std::to_string(rows.size() - count) + " more\n";
  return text;
}

}  // namespace connarena::launcher
