// fresh_file.hpp - a file that takes another's place once it is whole.
//
// It is made beside that one, under a name that nothing had, for its owner alone: no link
// is followed, and nobody's file is written to. One that takes no place goes away.
#pragma once

#include <string>
#include <string_view>

namespace connarena::launcher {

class fresh_file {
 public:
  explicit fresh_file(std::string place);
  ~fresh_file();
  fresh_file(const fresh_file&) = delete;
  fresh_file& operator=(const fresh_file&) = delete;

  /// Writes it whole, and puts it in its place. False: errno says why, and what was
  /// there stays.
  [[nodiscard]] bool take_place(std::string_view text);
  /// Open to append to, the caller's from now on.   Pre: it took its place.
  [[nodiscard]] int release();

 private:
  std::string place_, name_;
  int descriptor_;
};

}  // namespace connarena::launcher
