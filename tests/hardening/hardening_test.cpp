// In a hardened process no byte goes from one arena to another, and a touch beside a
// large run ends it. Each way and each touch is tried without the setting, too: there
// it goes through, or the case would prove nothing.
#include <connarena/connarena.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "hardening/guards.hpp"
#include "hardening/links.hpp"
#include "hardening/ways.hpp"
#include "harness/child_process.hpp"

namespace {

using hardening::finding;

harness::outcome run(std::string_view name, const char* setting) {
  return harness::run(
      {{HARDENING_PROGRAM, std::string(name)}, {std::string("CONNARENA_HARDENED=") + setting}});
}

class way : public ::testing::TestWithParam<hardening::way> {};

TEST_P(way, is_open_by_default_and_closed_in_a_hardened_process) {
  const harness::outcome by_default = run(GetParam().name, "off");
  EXPECT_EQ(by_default.exit_code, static_cast<int>(finding::secret)) << describe(by_default);
  const harness::outcome hardened = run(GetParam().name, "on");
  EXPECT_EQ(hardened.exit_code, static_cast<int>(finding::nothing)) << describe(hardened);
}

INSTANTIATE_TEST_SUITE_P(each, way, ::testing::ValuesIn(hardening::ways()),
                         [](const auto& each) { return std::string(each.param.name); });

INSTANTIATE_TEST_SUITE_P(readable, way, ::testing::ValuesIn(hardening::readable_links()),
                         [](const auto& each) { return std::string(each.param.name); });

class forged_link : public ::testing::TestWithParam<hardening::way> {};

TEST_P(forged_link, reaches_another_arena_by_default_and_is_found_out_in_a_hardened_process) {
  const harness::outcome by_default = run(GetParam().name, "off");
  EXPECT_EQ(by_default.exit_code, static_cast<int>(finding::secret)) << describe(by_default);
  const harness::outcome hardened = run(GetParam().name, "on");
  EXPECT_EQ(hardened.signal, SIGABRT) << describe(hardened);
  EXPECT_NE(hardened.errors.find("connarena: corrupted free list near 0x"), std::string::npos)
      << describe(hardened);
}

INSTANTIATE_TEST_SUITE_P(each, forged_link, ::testing::ValuesIn(hardening::forged_links()),
                         [](const auto& each) { return std::string(each.param.name); });

class touch_beside_a_run : public ::testing::TestWithParam<hardening::guard_case> {};

TEST_P(touch_beside_a_run, faults_in_a_hardened_process) {
  const harness::outcome by_default = run(GetParam().name, "off");
  EXPECT_EQ(by_default.exit_code, 0) << describe(by_default);
  const harness::outcome hardened = run(GetParam().name, "on");
  EXPECT_EQ(hardened.signal, SIGSEGV) << describe(hardened);
}

INSTANTIATE_TEST_SUITE_P(each, touch_beside_a_run, ::testing::ValuesIn(hardening::guard_cases()),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(setting, is_off_where_the_environment_says_nothing) {
  const harness::outcome empty = run("runs_c", "");
  EXPECT_EQ(empty.exit_code, static_cast<int>(finding::secret)) << describe(empty);
}

TEST(setting, hardens_whatever_the_word_for_it) {
  const harness::outcome odd = run("runs_c", "yes");
  EXPECT_EQ(odd.exit_code, static_cast<int>(finding::nothing)) << describe(odd);
}

/// With more rights than its caller a program still heeds what makes it stricter.
TEST(setting, hardens_a_setuid_program) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes a root user";
  constexpr uid_t somebody_else = 65534;
  char folder[] = "/tmp/connarena-setuid-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::filesystem::path program = std::filesystem::path(folder) / "program";
  std::filesystem::copy_file(HARDENING_PROGRAM, program);
  ASSERT_EQ(::chmod(folder, 0755), 0);
  ASSERT_EQ(::chown(program.c_str(), somebody_else, somebody_else), 0);
  ASSERT_EQ(::chmod(program.c_str(), 04755), 0);
  const harness::outcome result =
      harness::run({{program.string(), "runs_c"}, {"CONNARENA_HARDENED=on"}});
  EXPECT_EQ(result.exit_code, static_cast<int>(finding::nothing)) << describe(result);
  std::filesystem::remove_all(folder);
}

}  // namespace
