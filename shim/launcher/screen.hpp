// screen.hpp - the terminal, as `connarena top` uses it: through ncurses.
//
// Colours are the terminal's own, and none with NO_COLOR set. The terminal is as it was
// when this ends, and when a signal ends the program.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shim/launcher/top_view.hpp"

namespace connarena::launcher {

struct pressed_key {
  key what;
  char character;
};

class screen {
 public:
  screen();
  ~screen();
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

  /// Empty, or why there is none.
  [[nodiscard]] const std::string& error() const { return error_; }
  /// Whether it can show the bars of history.hpp.
  [[nodiscard]] bool has_bars() const { return has_bars_; }
  [[nodiscard]] std::size_t width() const;
  [[nodiscard]] std::size_t height() const;
  void draw(const std::vector<screen_line>& lines);
  /// None if there was no key for so long, or the size has changed.
  [[nodiscard]] std::optional<pressed_key> wait_for_key(int timeout_ms);

 private:
  std::string error_;
  void* terminal_ = nullptr;
  bool has_bars_ = false;
};

}  // namespace connarena::launcher
