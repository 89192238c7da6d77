// start.cpp - what the library does when the process starts: it reads its setting,
// chooses who is to serve arenas, and keeps its own core whole over a fork.
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <cstring>

#include "api/api_table.hpp"
#include "api/core.hpp"
#include "api/sanitizer_api.hpp"
#include "live/own_segment.hpp"

namespace connarena {

constinit const api_table* api = &own_api;

namespace {

const api_table* preloaded_api() noexcept {
  const auto* const table = static_cast<const api_table*>(dlsym(RTLD_DEFAULT, api_symbol));
  return table != nullptr && is_usable(*table) ? table : nullptr;
}

const api_table* others_api() noexcept {
  if (const api_table* const table = preloaded_api()) return table;
  return CONNARENA_SANITIZED ? nullptr : sanitizer_api();
}

void complain(const idle_setting& of, const char*) {
  const auto say = [](const char* words) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, words, std::strlen(words));
  };
  say("connarena: ");
  say(of.variable);
  say(" is ignored; it takes ");
  say(of.takes);
  say("\n");
}

void after_fork_in_child() {
  core::after_fork_in_child();
  live::forget_own_segment();
}

/// Before other constructors: a program's own may open arenas. Where one did even before
/// this, there is no choice any more.
[[gnu::constructor(101)]] void start() {
  const api_table* const others = core::is_in_use() ? nullptr : others_api();
  if (others != nullptr) api = others;
  core::harden_if_asked();
  if (others == nullptr) {
    core::read_idle_settings({default_floor_bytes, default_keep_ns, default_helper_use}, complain);
  }
  static_cast<void>(
      pthread_atfork(core::before_fork, core::after_fork_in_parent, after_fork_in_child));
}

}  // namespace
}  // namespace connarena
