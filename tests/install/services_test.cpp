// The page on services: its drop-in is one that systemd takes for Debian's redis-server, and its
// lines for a container's image do what it says.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "install/blocks.hpp"
#include "install/installation.hpp"

namespace {

namespace fs = std::filesystem;
using harness::describe;
using harness::outcome;

constexpr const char* page = "docs/how-to/services.md";
constexpr const char* unit = "/lib/systemd/system/redis-server.service";

std::string contents_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What is no comment; a line that goes on is one with the next.
std::vector<std::string> settings_in(const std::string& text) {
  const std::string whole = std::regex_replace(text, std::regex(R"(\\\n\s*)"), "");
  std::vector<std::string> settings;
  const std::regex line("[^\n]+");
  for (std::sregex_iterator each(whole.begin(), whole.end(), line), end; each != end; ++each) {
    if (each->str()[0] != '#') settings.push_back(each->str());
  }
  return settings;
}

/// The last command of a unit.
std::string command_in(const std::string& text) {
  std::string command;
  for (const std::string& each : settings_in(text)) {
    if (each.rfind("ExecStart=/", 0) == 0) command = each.substr(each.find('/'));
  }
  return command;
}

TEST(drop_in, of_the_page_is_that_of_the_examples) {
  EXPECT_EQ(settings_in(install::text_of(page, "ini")),
            settings_in(contents_of(SOURCE_FOLDER "/docs/examples/systemd/connarena.conf")));
}

TEST(drop_in, puts_connarena_run_before_what_the_unit_starts) {
  if (!fs::exists(unit)) GTEST_SKIP() << "redis-server is not installed";
  const std::string command = command_in(install::text_of(page, "ini"));
  const std::string alone = command_in(contents_of(unit));
  EXPECT_EQ(command.rfind("/usr/bin/connarena run ", 0), 0u) << command;
  ASSERT_GT(command.size(), alone.size());
  EXPECT_EQ(command.substr(command.size() - alone.size()), alone);
}

/// What systemd says of the unit with that drop-in, of which it needs the program to be there.
outcome verified(const std::string& drop_in) {
  const fs::path units = install::fresh_folder("units");
  fs::create_directories(units / "redis-server.service.d");
  fs::copy_file(unit, units / "redis-server.service", fs::copy_options::overwrite_existing);
  const std::string program = (install::prefix() / "bin/connarena").string();
  std::ofstream(units / "redis-server.service.d/connarena.conf")
      << std::regex_replace(drop_in, std::regex("/usr/bin/connarena"), program);
  return harness::run({{"systemd-analyze", "verify", "--man=no", units / "redis-server.service"},
                       {"SYSTEMD_UNIT_PATH=" + units.string() + ":"}});
}

/// What it says of that unit, and not of others that the machine has.
std::string said_of_it(const outcome& verified) {
  std::string said;
  std::istringstream lines(verified.errors);
  for (std::string line; std::getline(lines, line);) {
    const bool is_of_it = line.find("redis-server.service") != std::string::npos ||
                          line.find("connarena.conf") != std::string::npos;
    if (is_of_it) said += line + "\n";
  }
  return said;
}

TEST(drop_in, is_taken_by_systemd_without_a_word) {
  if (!HAS_SHIM) GTEST_SKIP() << "built without the shim";
  if (!fs::exists(unit)) GTEST_SKIP() << "redis-server is not installed";
  if (harness::find_program("systemd-analyze").empty()) GTEST_SKIP() << "systemd is not installed";
  const std::string drop_in = install::text_of(page, "ini");
  const outcome taken = verified(drop_in);
  EXPECT_TRUE(taken.succeeded() && said_of_it(taken).empty()) << describe(taken);
  const outcome misspelt =
      verified(std::regex_replace(drop_in, std::regex("=\n"), "=\nExecStat=\n"));
  EXPECT_NE(said_of_it(misspelt).find("ExecStat"), std::string::npos) << describe(misspelt);
}

/// What follows the word at the beginning of a line of the image's.
std::string image_line(const std::string& word) {
  const std::string text = install::text_of(page, "dockerfile");
  std::smatch found;
  const std::regex line("(^|\n)" + word + " ([^\n]*)");
  return std::regex_search(text, found, line) ? found[2].str() : std::string();
}

TEST(image, loads_the_library_by_its_environment_alone) {
  if (!HAS_SHIM) GTEST_SKIP() << "built without the shim";
  const std::string environment =
      std::regex_replace(image_line("ENV"), std::regex("/usr/local"), install::prefix().string());
  ASSERT_NE(environment, "");
  const outcome result =
      harness::run({{"/bin/sh", "-euc",
                     "export " + environment + "; exec sh -c 'cat /proc/self/maps; " +
                         (install::prefix() / "bin/connarena").string() + " stats $$ --json'"}});
  EXPECT_TRUE(result.succeeded()) << describe(result);
  EXPECT_NE(result.output.find("/lib/libconnarena_preload.so"), std::string::npos)
      << describe(result);
  EXPECT_NE(result.output.find("67108864"), std::string::npos) << "no limit: " << result.output;
}

TEST(image, starts_its_program_by_its_entry_point) {
  if (!HAS_SHIM) GTEST_SKIP() << "built without the shim";
  const std::string entry = image_line("ENTRYPOINT");
  std::vector<std::string> words;
  const std::regex word("\"([^\"]*)\"");
  for (std::sregex_iterator each(entry.begin(), entry.end(), word), end; each != end; ++each) {
    words.push_back((*each)[1]);
  }
  ASSERT_EQ(words.size(), 3u) << entry;
  // In place of the image's own program; env looks where the package has its.
  words.back() = "true";
  words.insert(words.begin(), "/usr/bin/env");
  const outcome result =
      harness::run({words, {"PATH=" + (install::prefix() / "bin").string() + ":/usr/bin:/bin"}});
  EXPECT_TRUE(result.succeeded()) << describe(result);
}

}  // namespace
