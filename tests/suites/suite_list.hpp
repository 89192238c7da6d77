// suite_list.hpp - the suites that run under connarena: what to start and what it
// needs. Each prints what must be the same every time, and nothing else, to standard
// output; its first line names the program and its version.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace suites {

struct suite {
  std::string name;
  std::vector<std::string> needs;    ///< programs and files
  std::vector<std::string> command;  ///< run in an empty folder
  bool closes_all = true;            ///< else a program of it ends with connections open
};

/// So that a test's name says which suite it is of.
inline void PrintTo(const suite& printed, std::ostream* out) { *out << printed.name; }

/// A few seconds each; part of every test run.
[[nodiscard]] std::vector<suite> short_suites();
/// Minutes each.
[[nodiscard]] std::vector<suite> long_suites();

}  // namespace suites
