// failure.hpp - how a trial says that it cannot go on.
//
// A failure ends its trial, never the whole demo: the schedule reports it, goes
// on, and the demo's exit status is 1 at the end.
#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace demo {

class failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws a failure that names what was tried and why the system refused.
[[noreturn]] inline void fail_by_errno(const std::string& what) {
  throw failure(what + ": " + std::generic_category().message(errno));
}

}  // namespace demo
