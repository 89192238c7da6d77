// What the documentation says of the settings of `connarena run` is what the table of the
// launcher says, and that is what the preload library does.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "api/idle_settings.hpp"
#include "heap/region.hpp"
#include "programs/preload.hpp"
#include "shim/launcher/run_settings.hpp"
#include "shim/settings/settings.hpp"

namespace {

using connarena::launcher::run_setting;
using connarena::launcher::run_settings;

std::string contents_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(SOURCE_FOLDER "/" + file).rdbuf();
  return text.str();
}

std::string or_nothing(const char* text) { return text == nullptr ? "" : text; }

/// "| text ", in quotes that show it as code, if there is any.
std::string code_cell(const std::string& text) {
  const std::string within_table = std::regex_replace(text, std::regex("\\|"), "\\|");
  return text.empty() ? "| " : "| `" + within_table + "` ";
}

/// What of a setting's row comes from the table.
std::string row_of(const run_setting& each) {
  const std::string standard = or_nothing(each.standard);
  return "\n" + code_cell(each.option) + code_cell(or_nothing(each.variable)) +
         code_cell(each.takes) + "| " + (standard.empty() ? "" : standard + " ") + "| ";
}

TEST(settings, are_documented_as_the_table_has_them) {
  const std::string page = contents_of("docs/settings.md");
  for (const run_setting& each : run_settings()) {
    EXPECT_NE(page.find(row_of(each)), std::string::npos) << row_of(each);
  }
  const std::string start_of_row = "\n| `--";
  std::size_t rows = 0;
  for (std::size_t at = 0; (at = page.find(start_of_row, at)) != std::string::npos; ++at) ++rows;
  EXPECT_EQ(rows, run_settings().size());
}

/// Not as a part of another: "on" is no word of "connections".
bool has_word(const std::string& text, const std::string& word) {
  return std::regex_search(text, std::regex("(^|[^A-Za-z0-9_])" + word + "([^A-Za-z0-9_]|$)"));
}

TEST(settings, have_their_defaults_in_the_manual) {
  std::string manual = contents_of("shim/documents/connarena.1");
  manual.erase(std::remove(manual.begin(), manual.end(), '\\'), manual.end());
  const std::size_t start = manual.find(".SH OPTIONS OF RUN");
  const std::string options = manual.substr(start, manual.find("\n.SH", start) - start);
  for (const run_setting& each : run_settings()) {
    const std::size_t at = options.find(each.option);
    ASSERT_NE(at, std::string::npos) << each.option;
    const std::string part = options.substr(at, options.find("\n.TP", at) - at);
    const std::size_t text = part.find('\n');
    if (each.variable != nullptr) {
      EXPECT_TRUE(has_word(part.substr(0, text), each.variable)) << part;
    }
    if (each.standard != nullptr) {
      EXPECT_TRUE(has_word(part.substr(text), each.standard)) << part;
    }
  }
}

const run_setting& setting(const std::string& option) {
  for (const run_setting& each : run_settings()) {
    if (each.option == option) return each;
  }
  throw std::runtime_error("no option " + option);
}

std::size_t bytes_of(const std::string& option) {
  std::size_t bytes = 0;
  EXPECT_TRUE(connarena::parse_size(setting(option).standard, bytes)) << option;
  return bytes;
}

TEST(settings, have_the_defaults_of_the_preload_library) {
  const connarena::shim::settings unset;
  EXPECT_EQ(bytes_of("--min-size"), unset.min_size_bytes);
  EXPECT_EQ(bytes_of("--retain"), unset.retain_bytes);
  EXPECT_EQ(setting("--small").standard, std::string(unset.small ? "on" : "off"));
  EXPECT_EQ(setting("--on-close").standard,
            std::string(unset.releases_survivors ? "release" : "drain"));
  connarena::shim::over_limit over{};
  EXPECT_TRUE(connarena::shim::read_over_limit(setting("--over-limit").standard, over));
  EXPECT_EQ(over, unset.limits.over);
  EXPECT_EQ(bytes_of("--reserve"), connarena::most_region_bytes);
}

TEST(settings, have_the_defaults_of_the_core) {
  connarena::idle_choice choice{};
  for (const connarena::idle_setting& each : connarena::idle_settings) {
    EXPECT_TRUE(each.read(each.standard, choice)) << each.option;
  }
  EXPECT_EQ(choice.keep_ns, connarena::default_keep_ns);
  EXPECT_EQ(choice.helper, connarena::default_helper_use);
}

TEST(settings, reach_no_program_that_nobody_set_but_live_figures) {
  EXPECT_EQ(setting("--live").standard, std::string("on"));
  EXPECT_EQ(setting("--hardened").standard, std::string("off"));
  const std::string variables = "\n" + harness::run({{LAUNCHER, "run", "env"}}).output;
  for (const run_setting& each : run_settings()) {
    if (each.variable == nullptr) continue;
    const bool is_live = each.option == std::string("--live");
    const std::string start = "\n" + std::string(each.variable) + "=";
    const std::size_t at = variables.find(start + (is_live ? "on\n" : ""));
    EXPECT_EQ(at != std::string::npos, is_live) << each.variable << variables;
  }
}

/// What is offered for the last word of a command, in order.
std::vector<std::string> completions(const std::string& words, int last) {
  const std::string script = ". " SOURCE_FOLDER "/shim/documents/connarena.bash; COMP_WORDS=(" +
                             words + "); COMP_CWORD=" + std::to_string(last) +
                             "; _connarena; printf '%s\n' \"${COMPREPLY[@]}\"";
  std::istringstream lines(harness::run({{"bash", "-c", script}}).output);
  std::vector<std::string> offered{std::istream_iterator<std::string>(lines), {}};
  std::sort(offered.begin(), offered.end());
  return offered;
}

std::vector<std::string> sorted_words(std::string text, char between) {
  std::replace(text.begin(), text.end(), between, ' ');
  std::istringstream from(text);
  std::vector<std::string> words{std::istream_iterator<std::string>(from), {}};
  std::sort(words.begin(), words.end());
  return words;
}

TEST(settings, are_completed_in_bash_with_the_words_that_they_take) {
  CONNARENA_NEEDS_PROGRAM("bash");
  std::string options = "--help";
  for (const run_setting& each : run_settings()) {
    options += std::string(" ") + each.option;
    if (std::strchr(each.takes, '|') == nullptr) continue;
    EXPECT_EQ(completions("connarena run " + std::string(each.option) + " = ''", 4),
              sorted_words(each.takes, '|'))
        << each.option;
  }
  EXPECT_EQ(completions("connarena run --", 2), sorted_words(options, ' '));
  const auto over_limit = completions("connarena run --over-limit = ''", 4);
  EXPECT_EQ(over_limit, (std::vector<std::string>{"disconnect", "fail"}));
  for (const auto& each : over_limit) EXPECT_EQ(setting("--over-limit").reason_against(each), "");
}

}  // namespace
