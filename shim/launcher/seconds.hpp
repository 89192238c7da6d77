// seconds.hpp - a span that an option takes.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace connarena::launcher {

/// Unlike CLI::Range it refuses what is no number, which is neither too little nor too much.
[[nodiscard]] inline CLI::Validator seconds_within(double least, double most) {
  const auto check = [=](std::string& text) -> std::string {
    double seconds = 0;
    if (CLI::detail::lexical_cast(text, seconds) && seconds >= least && seconds <= most) return {};
    return text + " is no number of seconds from " + CLI::detail::to_string(least) + " to " +
           CLI::detail::to_string(most);
  };
  return CLI::Validator(check, "");
}

}  // namespace connarena::launcher
