// What the documentation says of the settings of `connarena run` is what the table of the
// launcher says, and that is what the preload library does.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "api/idle_settings.hpp"
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

TEST(settings, have_their_defaults_in_the_manual) {
  std::string manual = contents_of("shim/documents/connarena.1");
  manual.erase(std::remove(manual.begin(), manual.end(), '\\'), manual.end());
  for (const run_setting& each : run_settings()) {
    const std::size_t at = manual.find(each.option);
    ASSERT_NE(at, std::string::npos) << each.option;
    const std::string part = manual.substr(at, manual.find("\n.TP", at) - at);
    EXPECT_NE(part.find(or_nothing(each.variable)), std::string::npos) << part;
    EXPECT_NE(part.find(or_nothing(each.standard)), std::string::npos) << part;
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
  EXPECT_EQ(unset.limits.over, connarena::shim::over_limit::disconnects);
  std::int64_t keep_ns = 0;
  EXPECT_TRUE(connarena::parse_time(setting("--keep").standard, keep_ns));
  EXPECT_EQ(keep_ns, connarena::default_keep_ns);
}

}  // namespace
