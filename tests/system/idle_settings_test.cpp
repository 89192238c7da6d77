// What can be set of idle memory: how it is written, and what it does by a clock that the
// test sets.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <thread>

#include "api/core.hpp"
#include "harness/child_process.hpp"
#include "system/fake_os.hpp"

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::int64_t ms = 1'000'000;
namespace core = connarena::core;
using connarena::helper_use;
using connarena::idle_choice;

void expect_works(int (*body)()) {
  const harness::outcome result = harness::run_forked(body);
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

const connarena::idle_setting& setting(const char* option) {
  for (const connarena::idle_setting& each : connarena::idle_settings) {
    if (std::strcmp(each.option, option) == 0) return each;
  }
  std::abort();
}

/// 16 MiB come and go, and are looked after at once and some milliseconds later.
std::size_t retained_after_ms(std::int64_t time) {
  const connarena_t arena = connarena_create(nullptr);
  connarena_free(connarena_malloc(arena, 16 * mib));
  for (std::int64_t passed = 0; passed <= time; passed += 50) {
    while (core::return_idle() == 0) {
    }
    fake_os::setup().now_ns += 50 * ms;
  }
  return connarena::process().retained_bytes;
}

TEST(idle_settings, take_times_with_their_unit) {
  idle_choice read{0, 7, helper_use::off};
  EXPECT_TRUE(setting("--keep").read("480ms", read));
  EXPECT_EQ(read.keep_ns, 480 * ms);
  EXPECT_TRUE(setting("--keep").read("2s", read));
  EXPECT_EQ(read.keep_ns, 2000 * ms);
  for (const char* bad : {"", "2", "s", "-1s", "2m", "2s ", "99999999s", "2ss", "1e3ms"}) {
    EXPECT_FALSE(setting("--keep").read(bad, read)) << bad;
  }
  EXPECT_EQ(read.keep_ns, 2000 * ms);
}

TEST(idle_settings, take_words_for_the_helper) {
  idle_choice read{0, 7, helper_use::off};
  EXPECT_TRUE(setting("--helper").read("auto", read));
  EXPECT_EQ(read.helper, helper_use::automatic);
  EXPECT_TRUE(setting("--helper").read("on", read));
  EXPECT_EQ(read.helper, helper_use::on);
  EXPECT_FALSE(setting("--helper").read("yes", read));
  EXPECT_FALSE(setting("--retain").read("-3", read));
}

TEST(idle_settings, of_a_long_time_keep_what_is_idle_so_long) {
  expect_works([] {
    core::set_idle({mib, 4000 * ms, helper_use::automatic});
    if (retained_after_ms(3000) < 16 * mib) return 1;
    return retained_after_ms(6100) <= mib ? 0 : 2;
  });
}

TEST(idle_settings, of_no_time_return_what_is_idle_soon) {
  expect_works([] {
    core::set_idle({mib, 0, helper_use::automatic});
    return retained_after_ms(150) <= mib ? 0 : 1;
  });
}

TEST(idle_settings, without_a_helper_start_none) {
  expect_works([] {
    fake_os::setup().has_other_threads = true;
    std::thread([] { connarena_close(connarena_create(nullptr)); }).join();
    core::set_idle({mib, 480 * ms, helper_use::off});
    for (int i = 0; i < 100; ++i) retained_after_ms(0);
    return fake_os::seen().threads_started == 0 ? 0 : 1;
  });
}

TEST(idle_settings, with_a_helper_start_one_in_a_program_of_one_thread) {
  expect_works([] {
    core::set_idle({mib, 480 * ms, helper_use::on});
    for (int i = 0; i < 100; ++i) retained_after_ms(0);
    return fake_os::seen().threads_started == 1 ? 0 : 1;
  });
}

TEST(idle_settings, come_from_the_environment_but_for_what_cannot_be) {
  expect_works([] {
    ::setenv("CONNARENA_RETAIN", "3M", 1);
    ::setenv("CONNARENA_KEEP", "soon", 1);
    ::setenv("CONNARENA_HELPER", "off", 1);
    static int complaints = 0;
    const idle_choice set = core::read_idle_settings(
        {mib, 480 * ms, helper_use::automatic},
        [](const connarena::idle_setting& of, const char* value) {
          const bool is_right =
              std::strcmp(of.variable, "CONNARENA_KEEP") == 0 && std::strcmp(value, "soon") == 0;
          complaints += is_right ? 1 : 100;
        });
    if (complaints != 1) return 1;
    if (set.floor_bytes != 3 * mib || set.helper != helper_use::off) return 2;
    return set.keep_ns == 480 * ms ? 0 : 3;
  });
}

}  // namespace
