#include "shim/settings/settings.hpp"

#include <cstdlib>
#include <cstring>

#include "api/core.hpp"
#include "shim/settings/sizes.hpp"
#include "shim/settings/text.hpp"

namespace connarena::shim {

constinit settings current_settings{};

namespace {

void complain(const char* name, const char* value, const char* accepted) noexcept {
  text<400> line;
  line.add("connarena: ").add(name).add("=");
  line.add_name(value, strnlen(value, 80)).add(" is ignored; it takes ").add(accepted).add("\n");
  line.write_to(STDERR_FILENO);
}

void read_size(const char* name, std::size_t& bytes) noexcept {
  const char* const value = secure_getenv(name);
  if (value != nullptr && !parse_size(value, bytes)) complain(name, value, accepted_sizes);
}

void read_switch(const char* name, bool& is_on) noexcept {
  const char* const value = secure_getenv(name);
  if (value == nullptr) return;
  const bool says_on = std::strcmp(value, "on") == 0;
  if (says_on || std::strcmp(value, "off") == 0) {
    is_on = says_on;
  } else {
    complain(name, value, "on or off");
  }
}

void read_on_close() noexcept {
  constexpr const char* name = "CONNARENA_ON_CLOSE";
  const char* const value = secure_getenv(name);
  if (value == nullptr) return;
  const bool releases = std::strcmp(value, "release") == 0;
  if (!releases && std::strcmp(value, "drain") != 0)
    return complain(name, value, "drain or release");
  current_settings.releases_survivors = releases;
  // Most of what programs leave behind is small.
  if (releases) current_settings.small = true;
}

void read_report() noexcept {
  constexpr const char* name = "CONNARENA_REPORT";
  const char* const value = secure_getenv(name);
  if (value == nullptr) return;
  if (*value == '\0') {
    complain(name, value, "stderr or the name of a file");
  } else {
    current_settings.report = value;
  }
}

void read_limits() noexcept {
  read_size("CONNARENA_LIMIT", current_settings.limits.limit_bytes);
  read_size("CONNARENA_BUDGET", current_settings.limits.budget_bytes);
  constexpr const char* name = "CONNARENA_OVER_LIMIT";
  const char* const over = secure_getenv(name);
  if (over != nullptr && !read_over_limit(over, current_settings.limits.over)) {
    complain(name, over, accepted_over_limit);
  }
  constexpr const char* exempt_name = "CONNARENA_EXEMPT";
  const char* const exempt = secure_getenv(exempt_name);
  if (exempt != nullptr && !current_settings.exempt.add(exempt)) {
    complain(exempt_name, exempt, accepted_ranges);
  }
}

}  // namespace

void read_settings() noexcept {
  read_size("CONNARENA_MIN_SIZE", current_settings.min_size_bytes);
  read_on_close();
  read_switch("CONNARENA_SMALL", current_settings.small);
  current_settings.retain_bytes =
      core::read_idle_settings(
          {current_settings.retain_bytes, default_keep_ns, default_helper_use},
          [](const idle_setting& of, const char* value) { complain(of.variable, value, of.takes); })
          .floor_bytes;
  read_size("CONNARENA_RESERVE", current_settings.reserve_bytes);
  read_report();
  read_size("CONNARENA_REPORT_PROCESS", current_settings.report_process);
  read_switch("CONNARENA_LIVE", current_settings.live);
  read_limits();
}

}  // namespace connarena::shim
