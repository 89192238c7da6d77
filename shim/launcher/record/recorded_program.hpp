// recorded_program.hpp - the program that is recorded, started by `connarena run`.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "shim/launcher/record/awaited_signals.hpp"

namespace connarena::launcher {

class recorded_program {
 public:
  /// `report`: where it is to keep its call sites; empty: nowhere.
  recorded_program(const std::vector<std::string>& words, const std::string& report,
                   const awaited_signals& signals);

  /// 0: it could not be started.
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Sees whether it has ended.
  [[nodiscard]] bool has_ended();
  void pass_on(int signal) const;
  /// Once it has ended: as a shell tells it.
  [[nodiscard]] int exit_code() const;

 private:
  pid_t pid_ = 0;
  bool has_ended_ = false;
  int status_ = 0;
};

}  // namespace connarena::launcher
