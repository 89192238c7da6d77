// top_lines.cpp - what a top_view shows, line by line.
#include <algorithm>

#include "shim/launcher/live_text.hpp"
#include "shim/launcher/printable.hpp"
#include "shim/launcher/top_view.hpp"

namespace connarena::launcher {
namespace {

/// The first so many signs: one that a byte of UTF-8 continues is one.
std::string cut(const std::string& text, std::size_t columns) {
  std::size_t signs = 0;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (begins && signs++ == columns) break;
  }
  return text.substr(0, at);
}

std::string padded(const std::string& text, std::size_t columns) {
  return text.size() < columns ? text + std::string(columns - text.size(), ' ') : text;
}

std::string right_aligned(const std::string& text, std::size_t columns) {
  return text.size() < columns ? std::string(columns - text.size(), ' ') + text : text;
}

}  // namespace

std::string top_view::bars_of(const char* label, std::uint64_t bytes, const history& of,
                              std::size_t width) const {
  constexpr std::size_t before = 24;
  const std::string head = "  " + padded(label, 10) + right_aligned(bytes_text(bytes), 10) + "  ";
  return width > before ? head + of.bars(width - before, has_bars_) : head;
}

void top_view::add_totals(std::vector<screen_line>& to, std::size_t width) const {
  std::string title = has_ended_
                          ? last_.program + ", process " + std::to_string(chosen_) + ", has ended"
                          : title_of(last_);
  if (is_frozen_) title += "  [frozen]";
  to.push_back({title, style::title});
  to.push_back({bars_of("resident", last_.resident_bytes, resident_, width)});
  to.push_back({bars_of("footprint", last_.footprint_bytes, footprint_, width)});
  to.push_back({"  live " + bytes_text(last_.live_bytes) + "  retained " +
                bytes_text(last_.retained_bytes) + "  connections " + std::to_string(last_.open) +
                "  opened " + std::to_string(last_.opened) + "  closed " +
                std::to_string(last_.closed)});
  const std::string limits = limits_text(last_);
  if (!limits.empty()) to.push_back({"  " + limits});
}

void top_view::add_rows(std::vector<screen_line>& to, const std::vector<std::string>& all,
                        std::size_t height) const {
  const std::size_t selected = all.empty() ? 0 : std::min(selected_, all.size() - 1);
  page_rows_ = std::max<std::size_t>(height, 1);
  if (selected < top_row_) top_row_ = selected;
  if (selected >= top_row_ + page_rows_) top_row_ = selected - page_rows_ + 1;
  for (std::size_t i = top_row_; i < std::min(top_row_ + height, all.size()); ++i) {
    to.push_back({all[i], i == selected ? style::selected : style::plain});
  }
}

void top_view::add_table(std::vector<screen_line>& to, std::size_t width,
                         std::size_t height) const {
  if (is_typing_ || !order_.filter.empty()) {
    to.push_back({"  filter: " + printable(order_.filter) + (is_typing_ ? "_" : "")});
  }
  const std::vector<std::size_t> shown = columns_within(width);
  to.push_back({heading_of(shown, order_), style::heading});
  std::vector<std::string> rows;
  for (const live_connection* each : ordered(last_, order_)) {
    rows.push_back(line_of(*each, shown));
  }
  if (rows.empty()) {
    to.push_back({last_.connections.empty() ? "  no connections" : "  none of them", style::quiet});
  }
  add_rows(to, rows, height > to.size() ? height - to.size() : 0);
}

void top_view::add_processes(std::vector<screen_line>& to, std::size_t height) const {
  to.push_back({"What runs under `connarena run`", style::title});
  to.push_back({process_heading(), style::heading});
  std::vector<std::string> rows;
  for (const live_process& each : processes_) rows.push_back(process_line(each));
  if (rows.empty()) to.push_back({"  nothing that you may look at", style::quiet});
  add_rows(to, rows, height > to.size() ? height - to.size() : 0);
}

void top_view::add_details(std::vector<screen_line>& to, std::size_t width) const {
  const live_connection& its = last_detailed_;
  const auto add = [&to](const char* label, const std::string& value) {
    to.push_back({"  " + padded(label, 12) + (value.empty() ? "-" : value)});
  };
  const std::string of_process = ", process " + std::to_string(its.process);
  const bool has_closed = find(detailed_) == nullptr;
  to.push_back({(its.is_arena ? "arena " : "connection ") + name_of(its) + of_process +
                    (has_closed ? ", has closed" : ""),
                style::title});
  add("kind", its.kind);
  if (its.is_arena) add("name", its.name);
  add("local", its.local);
  add("peer", its.peer);
  add("descriptor", its.fd >= 0 ? std::to_string(its.fd) : "");
  add("state", has_closed ? "closed" : state_text(its));
  add("age", span_text(its.age_ns));
  add("idle", span_text(its.idle_ns));
  add("live", bytes_text(its.live_bytes) + " in " + std::to_string(its.blocks) +
                  (its.blocks == 1 ? " block" : " blocks"));
  add("peak", bytes_text(its.peak_bytes));
  add("limit", its.limit_bytes != 0 ? bytes_text(its.limit_bytes) : "none");
  const auto past = of_connections_.find(detailed_);
  to.push_back({bars_of("footprint", its.footprint_bytes,
                        past != of_connections_.end() ? past->second : history(), width)});
  if (!blocks_.empty()) to.push_back({"  largest blocks", style::heading});
  for (const std::string& each : blocks_) to.push_back({"    " + each});
}

std::string top_view::keys() const {
  if (is_typing_) return "Enter keep  Esc clear";
  const std::string back = may_go_back_ || where() == place::connection ? "  Esc back" : "";
  if (where() == place::processes) return "q quit  Enter look at it";
  if (where() == place::connection) return "q quit" + back + "  Space freeze";
  return "q quit" + back +
         "  Left/Right sort  r reverse  / filter  w workers  Space freeze  Enter details";
}

std::vector<screen_line> top_view::lines(std::size_t width, std::size_t height) const {
  std::vector<screen_line> shown;
  const std::size_t room = height > 1 ? height - 1 : height;  // the last has the keys
  if (where() == place::processes) {
    add_processes(shown, room);
  } else {
    add_totals(shown, width);
    shown.push_back({""});
    where() == place::table ? add_table(shown, width, room) : add_details(shown, width);
  }
  shown.resize(room);
  if (height > 1) shown.push_back({keys(), style::quiet});
  for (screen_line& each : shown) each.text = cut(each.text, width);
  return shown;
}

}  // namespace connarena::launcher
