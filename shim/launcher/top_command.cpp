#include "shim/launcher/top_command.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <tuple>

#include "shim/launcher/largest_blocks.hpp"
#include "shim/launcher/live_segments.hpp"
#include "shim/launcher/live_text.hpp"
#include "shim/launcher/refusal.hpp"
#include "shim/launcher/screen.hpp"
#include "shim/launcher/seconds.hpp"
#include "shim/launcher/top_view.hpp"
#include "shim/launcher/watched.hpp"

namespace connarena::launcher {
namespace {

/// What a person looks at, again and again.
struct sources {
  watched process;
  largest_blocks blocks;
};

void look_at_blocks(top_view& view, largest_blocks& at) {
  const live_connection* const of = view.detailed();
  if (of == nullptr) return at.leave();
  view.show_blocks(at.look(*of));
}

void look(top_view& view, sources& at) {
  if (view.is_frozen()) return;
  if (view.process() == 0) return view.show(all_live_processes(extent::totals));
  view.show(at.process.look(view.process(), view.is_together(), all_connections));
  look_at_blocks(view, at.blocks);
}

using clock = std::chrono::steady_clock;

int ms_until(clock::time_point when) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

/// Until the person has had enough. A key shows at once what it does.
void watch(top_view& view, screen& on, clock::duration delay) {
  sources at;
  auto next = clock::now();
  for (;;) {
    if (clock::now() >= next) {
      look(view, at);
      next = clock::now() + delay;
    }
    on.draw(view.lines(on.width(), on.height()));
    const auto pressed = on.wait_for_key(ms_until(next));
    if (!pressed) continue;
    const auto what = [&view] {
      return std::tuple(view.process(), view.is_together(), view.detailed() != nullptr);
    };
    const auto before = what();
    if (!view.press(pressed->what, pressed->character)) return at.blocks.leave();
    if (what() != before) next = clock::now();
  }
}

}  // namespace

top_command::top_command(CLI::App& app)
    : command_(app.add_subcommand("top", "Watch the connections of a program that runs")) {
  command_->footer(
      "Columns: " + column_names() + ".\n" +
      "Without a PID it lists what runs, to choose from. Keys are on the screen.\n"
      "Exit code: 0; 125 if there is no such process, it may not be looked at, or there\n"
      "is no terminal.");
  command_->add_flag("--once", once_, "Print one look as plain text, for scripts");
  command_->add_option("--sort", sort_, "By which column, see below (footprint)")
      ->type_name("COLUMN")
      ->check([](const std::string& name) {
        if (column_named(name) < columns().size()) return std::string();
        return "there is no column " + name + ": there are " + column_names();
      });
  command_->add_flag("--reverse", is_reversed_, "The smallest first");
  command_->add_option("--filter", filter_, "Only connections that show this")->type_name("TEXT");
  command_->add_flag("--together", is_together_, "The workers of its service as one");
  command_->add_option("--delay", delay_seconds_, "Between two looks (1)")
      ->type_name("SECONDS")
      ->check(seconds_within(0.1, 3600));
  pid_given_ = command_->add_option("pid", pid_, "The process")->type_name("PID");
}

table_order top_command::order() const { return {column_named(sort_), is_reversed_, filter_}; }

int top_command::show_once() const {
  if (pid_given_->count() == 0) {
    std::cout << processes_text(all_live_processes(extent::totals));
    return 0;
  }
  std::string error;
  if (find_segment(pid_, error) == nullptr) return refuse(error);
  const auto seen = watched().look(std::stoi(pid_), is_together_, all_connections);
  if (!seen) return refuse("there is no process " + pid_);
  std::cout << totals_text(*seen) << table_text(*seen, order());
  return 0;
}

int top_command::show_on_screen() const {
  pid_t process = 0;
  if (pid_given_->count() != 0) {
    std::string error;
    if (find_segment(pid_, error) == nullptr) return refuse(error);
    process = std::stoi(pid_);
  }
  std::string error;
  {
    screen on;
    error = on.error();
    top_view view(order(), on.has_bars(), is_together_);
    view.choose(process, false);
    const std::chrono::duration<double> delay(delay_seconds_);
    if (error.empty()) watch(view, on, std::chrono::duration_cast<clock::duration>(delay));
  }
  return error.empty() ? 0 : refuse(error);
}

int top_command::run() const { return once_ ? show_once() : show_on_screen(); }

}  // namespace connarena::launcher
