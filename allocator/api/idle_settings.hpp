// idle_settings.hpp - what is set of idle memory: one table for the library, the preload
// library and the launcher.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "api/written_amounts.hpp"
#include "base/helper_use.hpp"

namespace connarena {

struct idle_choice {
  std::size_t floor_bytes;  ///< what stays for good
  std::int64_t keep_ns;     ///< for how long what is idle stays wanted
  helper_use helper;
};

/// Of the library.
inline constexpr std::size_t default_floor_bytes = std::size_t{8} << 20;
inline constexpr std::int64_t default_keep_ns = 480'000'000;

struct idle_setting {
  const char* option;    ///< of the launcher
  const char* variable;  ///< of the environment
  const char* takes;     ///< what to answer to one who wrote something else
  const char* type;
  const char* standard;  ///< of the preload library
  const char* help;
  /// False, with nothing done, if the text is none of that.
  bool (*read)(const char* text, idle_choice& into);
};

namespace detail {
inline bool read_helper_use(const char* text, idle_choice& into) noexcept {
  const bool is_on = std::strcmp(text, "on") == 0;
  const bool is_off = std::strcmp(text, "off") == 0;
  if (!is_on && !is_off && std::strcmp(text, "auto") != 0) return false;
  into.helper = is_on ? helper_use::on : is_off ? helper_use::off : helper_use::automatic;
  return true;
}
}  // namespace detail

inline constexpr idle_setting idle_settings[] = {
    {"--retain", "CONNARENA_RETAIN", accepted_sizes, "SIZE", "2M",
     "Floor of the bound on idle memory",
     [](const char* text, idle_choice& into) { return parse_size(text, into.floor_bytes); }},
    {"--keep", "CONNARENA_KEEP", accepted_times, "TIME", "480ms",
     "How long idle memory stays wanted",
     [](const char* text, idle_choice& into) { return parse_time(text, into.keep_ns); }},
    {"--helper", "CONNARENA_HELPER", "auto, on or off", "auto|on|off", "auto",
     "A thread returns idle memory",
     [](const char* text, idle_choice& into) { return detail::read_helper_use(text, into); }},
};
inline constexpr std::size_t idle_setting_count = sizeof idle_settings / sizeof idle_settings[0];

}  // namespace connarena
