#include "shim/launcher/run_settings.hpp"

#include "api/idle_settings.hpp"
#include "shim/settings/address_ranges.hpp"
#include "shim/settings/sizes.hpp"

namespace connarena::launcher {
namespace {

std::string reason_against_nothing(const std::string&) { return {}; }

std::string reason_against_size(const std::string& text) {
  std::size_t ignored = 0;
  if (shim::parse_size(text.c_str(), ignored)) return {};
  return text + " is no size: it takes " + shim::accepted_sizes;
}

std::string reason_against_addresses(const std::string& text) {
  shim::address_ranges ignored;
  if (ignored.add(text.c_str())) return {};
  return text + " is no address: it takes " + shim::accepted_ranges;
}

template <std::size_t Index>
std::string reason_against_idle(const std::string& text) {
  idle_choice ignored{};
  if (idle_settings[Index].read(text.c_str(), ignored)) return {};
  return text + " is not possible: it takes " + idle_settings[Index].takes;
}

std::string reason_against_word(const std::string& word, const char* first, const char* second) {
  if (word == first || word == second) return {};
  return word + " is neither " + first + " nor " + second;
}
std::string reason_against_switch(const std::string& word) {
  return reason_against_word(word, "on", "off");
}
std::string reason_against_end(const std::string& word) {
  return reason_against_word(word, "drain", "release");
}
std::string reason_against_over_limit(const std::string& word) {
  return reason_against_word(word, "disconnect", "fail");
}

template <std::size_t Index>
constexpr run_setting idle_row() {
  const idle_setting& of = idle_settings[Index];
  return {of.option, of.variable, of.type, of.standard, of.help, reason_against_idle<Index>};
}
static_assert(idle_setting_count == 3);

constexpr run_setting table[] = {
    {base_option, nullptr, "NAME", nullptr, accepted_bases, reason_against_nothing},
    {"--on-close", "CONNARENA_ON_CLOSE", "drain|release", "drain",
     "What survives a connection stays, or ends", reason_against_end},
    {"--min-size", "CONNARENA_MIN_SIZE", "SIZE", "4K", "Smaller blocks are the base allocator's",
     reason_against_size},
    {"--small", "CONNARENA_SMALL", "on|off", "off", "Connections own blocks under a page, too",
     reason_against_switch},
    idle_row<0>(),
    idle_row<1>(),
    idle_row<2>(),
    {"--reserve", "CONNARENA_RESERVE", "SIZE", "512G", "The most address space",
     reason_against_size},
    {"--hardened", "CONNARENA_HARDENED", "on|off", "off", "Keep bytes apart, guard large blocks",
     reason_against_switch, "on"},
    {"--report", "CONNARENA_REPORT", "FILE", nullptr, "Figures at the end, or --report=FILE",
     reason_against_nothing, "stderr"},
    {"--live", "CONNARENA_LIVE", "on|off", "on", "Live figures for `connarena top`",
     reason_against_switch},
    {"--limit", "CONNARENA_LIMIT", "SIZE", nullptr, "What a connection may hold",
     reason_against_size},
    {"--over-limit", "CONNARENA_OVER_LIMIT", "HOW", "disconnect",
     "disconnect who holds more, or fail", reason_against_over_limit},
    {"--budget", "CONNARENA_BUDGET", "SIZE", nullptr, "What all may hold: the largest go",
     reason_against_size},
    {"--exempt", "CONNARENA_EXEMPT", "ADDRESS/MASK", nullptr,
     "Peers without limits: 10.0.0.0/8,fd00::/8", reason_against_addresses, nullptr, true},
};

}  // namespace

std::span<const run_setting> run_settings() { return table; }

}  // namespace connarena::launcher
