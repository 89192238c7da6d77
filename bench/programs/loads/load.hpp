// load.hpp - what a program is put through: one interface for all of them.
//
// A load lives for one trial: start() it, let it work(), close its connections,
// ask what the program says it holds, and destroy it, which ends the program.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "process/private_folder.hpp"
#include "process/server_process.hpp"

namespace demo {

/// So many connections stay open, without traffic, after the others closed.
inline constexpr std::size_t kept_connections = 50;

struct load_outcome {
  double operations = 0;
  double seconds = 0;  ///< of the load phase
  /// How fast resident memory grows while the load is steady; only where asked.
  std::optional<double> slope_mib_per_minute;
};

class load {
 public:
  virtual ~load() = default;
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  /// Starts the program with that added to its environment; returns when it accepts.
  virtual void start(const std::vector<std::string>& environment) = 0;

  /// The load phase. Every answer is checked.   Fails: a wrong byte, too late.
  [[nodiscard]] virtual load_outcome work() = 0;

  /// Closes all connections but those kept; returns once they are closed here.
  virtual void close_connections() = 0;

  /// The bytes that the program itself says it holds beyond its start; 0 where it
  /// says nothing. May open a connection.
  [[nodiscard]] virtual std::uint64_t held_bytes() { return 0; }

  /// Uses each kept connection once more and checks the answers: the close of the
  /// others must have left them whole.   Pre: the last use of this load.
  virtual void use_kept_connections() = 0;

  [[nodiscard]] pid_t process() const { return server_->id(); }
  void stop() { server_->stop(); }
  [[nodiscard]] std::string last_words() { return server_ ? server_->last_words() : ""; }

 protected:
  load() = default;

  void launch(std::vector<std::string> arguments, const std::vector<std::string>& environment,
              bool is_conversing = false) {
    server_ = std::make_unique<server_process>(launch_plan{
        std::move(arguments), environment, folder_.path() / "server.log", is_conversing});
  }
  [[nodiscard]] server_process& server() { return *server_; }
  [[nodiscard]] const private_folder& folder() const { return folder_; }

 private:
  private_folder folder_;
  std::unique_ptr<server_process> server_;
};

/// A program and its load, as the demo's table names it.
struct program {
  std::string name;
  std::string title;       ///< of its picture
  std::string executable;  ///< an absolute path
  std::string package;     ///< the Debian package that has it; empty if we build it
  std::string operation;   ///< what is counted, in the plural
  bool brings_own_malloc;  ///< linked to another malloc than libc's
  bool is_paced;           ///< its throughput is the load's: few pairs are enough
  double typical_seconds;  ///< of one trial without its idle time, for the first estimate
  std::function<std::unique_ptr<load>()> make_load;
};

/// All programs, in the table's order.
[[nodiscard]] const std::vector<program>& all_programs();

}  // namespace demo
