// largest_blocks.hpp - the largest blocks of one connection, and where they were allocated, as
// people read it: for a program that keeps a report.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shim/launcher/live_segments.hpp"
#include "shim/launcher/symbols.hpp"

namespace connarena::launcher {

class largest_blocks {
 public:
  /// A line each, of those that the program has looked up since it was asked: it is when this
  /// is called first. A single line that says why, where there will be none.
  [[nodiscard]] std::vector<std::string> look(const live_connection& of);
  /// Nobody looks any more.
  void leave();

 private:
  std::unique_ptr<live_segment> segment_;
  pid_t process_ = 0;
  symbols known_;
};

}  // namespace connarena::launcher
