#include "shim/launcher/screen.hpp"

#include <langinfo.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// Its functions alone: macros would take everybody's words.
#define NCURSES_NOMACROS 1
#include <curses.h>

namespace connarena::launcher {
namespace {

constexpr short title_pair = 1;
constexpr short heading_pair = 2;
constexpr int escape_code = 27;
/// A key that sends several bytes sends them together: who pressed Esc waits no longer.
constexpr int escape_delay_ms = 50;

bool wants_colours() {
  const char* const without = std::getenv("NO_COLOR");
  return (without == nullptr || *without == '\0') && has_colors();
}

void begin_colours() {
  if (!wants_colours()) return;
  start_color();
  use_default_colors();
  init_pair(title_pair, COLOR_CYAN, -1);
  init_pair(heading_pair, COLOR_GREEN, -1);
}

attr_t attributes_of(style how) {
  const auto pair = [](short number) {
    return wants_colours() ? static_cast<attr_t>(COLOR_PAIR(number)) : attr_t{A_NORMAL};
  };
  switch (how) {
    case style::title:
      return A_BOLD | pair(title_pair);
    case style::heading:
      return A_UNDERLINE | pair(heading_pair);
    case style::selected:
      return A_REVERSE;
    case style::quiet:
      return A_DIM;
    case style::plain:
      break;
  }
  return A_NORMAL;
}

std::optional<pressed_key> key_of(int code) {
  switch (code) {
    case KEY_UP:
      return pressed_key{key::up, 0};
    case KEY_DOWN:
      return pressed_key{key::down, 0};
    case KEY_PPAGE:
      return pressed_key{key::page_up, 0};
    case KEY_NPAGE:
      return pressed_key{key::page_down, 0};
    case KEY_HOME:
      return pressed_key{key::first, 0};
    case KEY_END:
      return pressed_key{key::last, 0};
    case KEY_LEFT:
      return pressed_key{key::left, 0};
    case KEY_RIGHT:
      return pressed_key{key::right, 0};
    case KEY_ENTER:
    case '\r':
    case '\n':
      return pressed_key{key::enter, 0};
    case escape_code:
      return pressed_key{key::escape, 0};
    case KEY_BACKSPACE:
    case 127:
    case 8:
      return pressed_key{key::backspace, 0};
    default:
      break;
  }
  if (code < ' ' || code > '~') return {};
  return pressed_key{key::character, static_cast<char>(code)};
}

}  // namespace

screen::screen() {
  if (isatty(STDOUT_FILENO) == 0 || isatty(STDIN_FILENO) == 0) {
    error_ = "top needs a terminal; top --once prints one look";
    return;
  }
  static_cast<void>(std::setlocale(LC_CTYPE, ""));  // else it stays "C", which has no bars
  has_bars_ = std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  // initscr would end the program with a message of its own.
  SCREEN* const made = newterm(nullptr, stdout, stdin);
  if (made == nullptr) {
    const char* const name = std::getenv("TERM");
    error_ = "top does not know the terminal " + std::string(name != nullptr ? name : "") +
             "; top --once prints one look";
    return;
  }
  terminal_ = made;
  set_escdelay(escape_delay_ms);
  cbreak();
  noecho();
  keypad(stdscr, true);
  curs_set(0);
  begin_colours();
}

screen::~screen() {
  if (terminal_ == nullptr) return;
  endwin();
  delscreen(static_cast<SCREEN*>(terminal_));
}

std::size_t screen::width() const { return static_cast<std::size_t>(getmaxx(stdscr)); }
std::size_t screen::height() const { return static_cast<std::size_t>(getmaxy(stdscr)); }

void screen::draw(const std::vector<screen_line>& lines) {
  werase(stdscr);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const attr_t how = attributes_of(lines[i].how);
    wattron(stdscr, static_cast<int>(how));
    mvwaddstr(stdscr, static_cast<int>(i), 0, lines[i].text.c_str());
    wattroff(stdscr, static_cast<int>(how));
  }
  wrefresh(stdscr);
}

std::optional<pressed_key> screen::wait_for_key(int timeout_ms) {
  wtimeout(stdscr, timeout_ms);
  return key_of(wgetch(stdscr));
}

}  // namespace connarena::launcher
