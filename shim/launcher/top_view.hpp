// top_view.hpp - what `connarena top` shows, and what keys change of it: lines of text,
// whatever shows them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shim/launcher/connection_table.hpp"
#include "shim/launcher/history.hpp"
#include "shim/launcher/live_segments.hpp"

namespace connarena::launcher {

enum class style : unsigned char { plain, heading, title, selected, quiet };

struct screen_line {
  std::string text;
  style how = style::plain;
};

/// What a person may ask for; `character` goes with what is typed.
enum class key : unsigned char {
  up,
  down,
  page_up,
  page_down,
  first,
  last,
  left,
  right,
  enter,
  escape,
  backspace,
  character
};

class top_view {
 public:
  top_view(table_order order, bool has_bars, bool is_together)
      : order_(std::move(order)), has_bars_(has_bars), is_together_(is_together) {}

  /// A look at the process; none: it has ended.
  void show(std::optional<live_process> process);
  /// All that runs, to choose from.
  void show(std::vector<live_process> processes);
  /// False once the person has had enough.
  [[nodiscard]] bool press(key what, char character = 0);
  /// Whether figures are to stay as they are.
  [[nodiscard]] bool is_frozen() const { return is_frozen_; }
  /// Whether the workers of its service are to be shown as one.
  [[nodiscard]] bool is_together() const { return is_together_; }
  /// The connection whose details are shown; null: none.
  [[nodiscard]] const live_connection* detailed() const {
    return where() == place::connection ? &last_detailed_ : nullptr;
  }
  /// Of that, a line for each of its largest blocks.
  void show_blocks(std::vector<std::string> lines) { blocks_ = std::move(lines); }
  /// The process that was chosen; 0: none, and all are shown.
  [[nodiscard]] pid_t process() const { return chosen_; }
  void choose(pid_t process, bool may_go_back);

  /// Exactly so many lines, none wider.
  [[nodiscard]] std::vector<screen_line> lines(std::size_t width, std::size_t height) const;

 private:
  enum class place : unsigned char { processes, table, connection };

  [[nodiscard]] bool press_in_filter(key what, char character);
  [[nodiscard]] bool press_character(char character);
  void show_together(bool is_wanted);
  void enter();
  void leave();
  void move(std::ptrdiff_t by);
  /// 0: it is no key that moves.
  [[nodiscard]] std::ptrdiff_t rows_passed_by(key what) const;
  void sort_by_next(bool is_right);
  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] place where() const;
  [[nodiscard]] const live_connection* find(const connection_key& key) const;

  void add_totals(std::vector<screen_line>& to, std::size_t width) const;
  void add_table(std::vector<screen_line>& to, std::size_t width, std::size_t height) const;
  void add_processes(std::vector<screen_line>& to, std::size_t height) const;
  void add_details(std::vector<screen_line>& to, std::size_t width) const;
  void add_rows(std::vector<screen_line>& to, const std::vector<std::string>& all,
                std::size_t height) const;
  [[nodiscard]] std::string keys() const;
  [[nodiscard]] std::string bars_of(const char* label, std::uint64_t bytes, const history& of,
                                    std::size_t width) const;

  table_order order_;
  bool has_bars_;
  bool is_frozen_ = false;
  bool is_together_;
  bool is_typing_ = false;  ///< the filter
  bool has_ended_ = false;
  bool may_go_back_ = false;
  pid_t chosen_ = 0;
  std::size_t selected_ = 0;
  mutable std::size_t top_row_ = 0;  ///< the first that is shown
  mutable std::size_t page_rows_ = 1;
  std::vector<live_process> processes_;
  live_process last_{};
  connection_key detailed_{};  ///< its process is 0: none
  live_connection last_detailed_{};
  std::vector<std::string> blocks_;
  history resident_, footprint_;
  std::map<connection_key, history> of_connections_;
};

}  // namespace connarena::launcher
