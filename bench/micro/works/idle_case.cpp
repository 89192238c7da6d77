#include "works/idle_case.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "works/process_memory.hpp"

namespace micro {
namespace {

using clock = std::chrono::steady_clock;

/// Opens all, unless they outgrow the budget. Returns how many it opened.
std::size_t open_within(std::size_t budget_bytes, idle_case& each, std::size_t arenas) {
  constexpr std::size_t look_every = 1024;
  for (std::size_t i = 0; i < arenas; ++i) {
    if (i % look_every == 0 && resident_bytes_roughly() > budget_bytes) return i;
    each.open(i);
  }
  return arenas;
}

idle_figures measure(make_idle_case make, std::size_t arenas) {
  idle_case* one = make(arenas);
  idle_figures figures;
  const auto before_bytes = static_cast<double>(resident_bytes());
  const auto start = clock::now();
  const std::size_t opened = open_within(available_bytes() / 2, *one, arenas);
  const std::chrono::duration<double> elapsed = clock::now() - start;
  figures.is_refused = opened < arenas;
  if (figures.is_refused) return figures;

  const auto count = static_cast<double>(arenas);
  figures.seconds_each = elapsed.count() / count;
  figures.bytes_each = (static_cast<double>(resident_bytes()) - before_bytes) / count;
  // Newest first: mimalloc walks all younger heaps to find the one it destroys.
  for (std::size_t i = arenas; i > 0; --i) one->close(i - 1);
  one->give_up_handles();
  figures.left_bytes = static_cast<double>(resident_bytes()) - before_bytes;
  return figures;
}

}  // namespace

idle_figures run_idle_case(make_idle_case make, std::size_t arenas) {
  idle_figures figures;
  figures.is_refused = true;
  int ends[2];
  if (pipe(ends) != 0) return figures;
  const pid_t child = fork();
  if (child == 0) {
    figures = measure(make, arenas);
    const bool is_told = write(ends[1], &figures, sizeof figures) == sizeof figures;
    _exit(is_told ? 0 : 1);
  }
  close(ends[1]);
  if (read(ends[0], &figures, sizeof figures) != sizeof figures) figures.is_refused = true;
  close(ends[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  return figures;
}

}  // namespace micro
