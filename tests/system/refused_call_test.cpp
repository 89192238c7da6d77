// Calls of the core to the system refused, one at a time: a workload that makes them
// all is run again and again, each time in a child of its own and with one call
// failing. At most the request that met it fails, cleanly; nothing is lost.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <vector>

#include "api/core.hpp"
#include "harness/child_process.hpp"
#include "harness/pattern.hpp"
#include "heap/hardening.hpp"
#include "heap/page_infos.hpp"
#include "heap/region.hpp"
#include "system/fake_os.hpp"

namespace {

using fake_os::call;

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;
constexpr int untouched = 12345;

enum exit_code : int {
  fine,
  wrong_errno = 11,
  wrong_contents,
  too_many_failures,
  not_usable_afterwards,
  still_alive,
  pages_lost,
  address_space_lost,
  child_failed,
  not_reached = 42,
};

/// Requests of all kinds, some of which the system may refuse.
class workload {
 public:
  workload() { blocks_.reserve(12000); }

  /// Gives what went wrong; `fine` if nothing did.
  [[nodiscard]] exit_code run() {
    use_c_arena();
    use_one_thread_arena();
    use_draining_arena();
    use_many_connections();
    if (!fork_works()) return child_failed;
    return problem_;
  }
  [[nodiscard]] std::size_t failures() const { return failures_; }

 private:
  /// Makes a request; false if it was refused.
  template <typename Request>
  bool make(Request request) {
    errno = untouched;
    const bool succeeded = request();
    if (!succeeded) ++failures_;
    if (errno != (succeeded ? untouched : ENOMEM)) problem_ = wrong_errno;
    return succeeded;
  }
  /// The same of what cannot fail.
  template <typename Action>
  void act(Action action) {
    errno = untouched;
    action();
    if (errno != untouched) problem_ = wrong_errno;
  }

  connarena_t open() {
    connarena_t arena = 0;
    make([&] { return (arena = connarena_create(nullptr)) != 0; });
    return arena;
  }
  void keep(void* block, std::size_t bytes) {
    if (block == nullptr) return;
    std::memset(block, static_cast<int>(blocks_.size() % 251), bytes < 64 ? bytes : 64);
    blocks_.push_back(block);
  }
  void allocate(connarena_t arena, std::size_t bytes, std::size_t alignment = 16) {
    void* block = nullptr;
    make([&] { return (block = connarena_aligned_alloc(arena, alignment, bytes)) != nullptr; });
    keep(block, bytes);
  }
  void allocate_zeroed(connarena_t arena, std::size_t bytes) {
    void* block = nullptr;
    make([&] { return (block = connarena_calloc(arena, 1, bytes)) != nullptr; });
    if (block != nullptr && !harness::is_zero(block, bytes)) problem_ = wrong_contents;
    keep(block, bytes);
  }
  void free_all() {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (*static_cast<unsigned char*>(blocks_[i]) != i % 251) problem_ = wrong_contents;
      act([&] { connarena_free(blocks_[i]); });
    }
    blocks_.clear();
  }

  void grow(connarena_t arena) {
    void* block = connarena_malloc(arena, 100);
    if (block == nullptr) return;
    harness::write_pattern(block, 100, 1);
    for (std::size_t bytes = 64 * kib; bytes <= 8 * mib; bytes *= 2) {
      make([&] {
        void* const moved = connarena_realloc(arena, block, bytes);
        if (moved != nullptr) block = moved;
        return moved != nullptr;
      });
      if (!harness::holds_pattern(block, 100, 1)) problem_ = wrong_contents;
    }
    act([&] { connarena_free(block); });
  }

  void use_c_arena() {
    const connarena_t arena = open();
    if (arena == 0) return;
    for (int i = 0; i < 9800; ++i) allocate(arena, 3500);
    for (std::size_t bytes = 1; bytes < 9000; bytes += 100) allocate(arena, bytes);
    for (int i = 0; i < 4; ++i) allocate(arena, 20 * mib);
    for (int i = 0; i < 3; ++i) allocate(arena, 5000, 64 * kib);
    allocate_zeroed(arena, 100);
    allocate_zeroed(arena, 2 * mib);
    make([&] {
      void* const block = connarena::core::allocate_unowned(40 * mib, 16);
      keep(block, 40 * mib);
      return block != nullptr;
    });
    grow(arena);
    // Others free what this thread keeps in its lane, and close it.
    std::thread([&] {
      for (int i = 0; i < 50; ++i) allocate(arena, 500);
      free_all();
      act([&] { connarena_close(arena); });
    }).join();
  }

  void use_one_thread_arena() {
    try {
      connarena::arena arena;
      for (std::size_t bytes = 1; bytes < 9000; bytes += 100) {
        keep(arena.allocate(bytes), bytes);
      }
    } catch (const std::bad_alloc&) {
      ++failures_;
    }
    blocks_.clear();
  }

  void use_draining_arena() {
    std::pmr::memory_resource* resource = nullptr;
    std::vector<void*> survivors;
    try {
      const connarena::arena_ptr arena = connarena::synchronized_arena::open();
      resource = arena.get();
      for (int i = 0; i < 2000; ++i) survivors.push_back(arena->allocate(300));
      for (std::size_t i = 0; i < survivors.size(); ++i) {
        if (i % 50 != 0) arena->deallocate(survivors[i], 300);
      }
    } catch (const std::bad_alloc&) {
      ++failures_;
    }
    for (std::size_t i = 0; i < survivors.size(); i += 50) resource->deallocate(survivors[i], 300);
  }

  /// So many that whole slabs of them, and the tables of a group, go back.
  void use_many_connections() {
    std::vector<connarena_t> arenas;
    arenas.reserve(2200);
    for (int i = 0; i < 2200; ++i) {
      const connarena_t arena = open();
      if (arena == 0) continue;
      arenas.push_back(arena);
      allocate(arena, 100);
    }
    for (const connarena_t each : arenas) act([&] { connarena_close(each); });
    free_all();
  }

  [[nodiscard]] static bool fork_works() {
    const pid_t child = ::fork();
    if (child == 0) {
      const connarena_t arena = connarena_create(nullptr);
      ::_exit(connarena_malloc(arena, 100000) != nullptr && connarena_close(arena) == 0 ? 0 : 1);
    }
    int status = 0;
    return ::waitpid(child, &status, 0) == child && status == 0;
  }

  exit_code problem_ = fine;
  std::size_t failures_ = 0;
  std::vector<void*> blocks_;
};

/// Whether the free units of a part, which is wholly free, are one stretch from its
/// begin.
bool is_whole(const connarena::region_part& part) {
  using connarena::page_kind;
  const auto kind = [](connarena::unit_index unit) {
    return connarena::kind_of(connarena::region.owners[unit].load());
  };
  if (part.committed == part.begin) return true;
  if (kind(part.begin) != page_kind::free_edge) return false;
  const std::uint32_t units = connarena::free_info(part.begin).units();
  for (connarena::unit_index unit = part.begin + units; unit < part.committed; ++unit) {
    if (kind(unit) != page_kind::none) return false;
  }
  return true;
}

exit_code look_for_losses() {
  // What is refused the first time goes the second time.
  for (int i = 0; i < 3; ++i) connarena::core::trim();
  const connarena::process_stats left = connarena::process();
  if (left.live_bytes != 0 || left.arenas_open != 0 || left.arenas_draining != 0) {
    return still_alive;
  }
  // A thread whose end nobody hears of keeps the few pages of its cache, and pages that
  // stay without access are not used again.
  const call refused = fake_os::setup().refused_call;
  const bool is_certain = refused != call::on_thread_exit && refused != call::unguard;
  const connarena::region_state& region = connarena::region;
  if (is_certain &&
      !(is_whole(region.small) && is_whole(region.runs) && is_whole(region.base_runs)))
    return pages_lost;
  connarena::core::shrink_reservation(left.reserved_bytes / 4);
  const std::size_t reserved = connarena::process().reserved_bytes;
  return refused == call::unreserve || reserved == fake_os::seen().reserved_bytes
             ? fine
             : address_space_lost;
}

bool works() {
  const connarena_t arena = connarena_create(nullptr);
  for (const std::size_t bytes : {64u, 3000u, 100000u}) {
    void* const block = connarena_malloc(arena, bytes);
    if (block == nullptr) return false;
    connarena_free(block);
  }
  return connarena_close(arena) == 0;
}

bool is_refused(call kind) { return fake_os::setup().refused_call == kind; }

/// Everything in a child. Only a hardened process has guards.
int run_with_refusal() {
  if (is_refused(call::guard) || is_refused(call::unguard)) connarena::harden();
  if (is_refused(call::reserve)) fake_os::setup().refuses_reserve_at = true;
  workload all;
  if (const exit_code problem = all.run()) return problem;
  if (all.failures() > 1) return too_many_failures;
  if (const exit_code problem = look_for_losses()) return problem;
  const bool is_reached =
      fake_os::seen().of(fake_os::setup().refused_call) >= fake_os::setup().refused_number;
  if (!works()) return not_usable_afterwards;
  return is_reached ? fine : not_reached;
}

/// The first calls of a kind one by one; of hundreds, a sample.
std::size_t next(std::size_t number) { return number + number / 8 + 1; }

class refused_call : public ::testing::TestWithParam<call> {
 protected:
  ~refused_call() override { fake_os::setup() = {}; }
};

TEST_P(refused_call, fails_one_request_at_most_and_loses_nothing) {
  fake_os::setup().refused_call = GetParam();
  for (std::size_t number = 1;; number = next(number)) {
    fake_os::setup().refused_number = number;
    const harness::outcome result = harness::run_forked(run_with_refusal);
    if (result.exit_code == not_reached) {
      ASSERT_GT(number, 1u) << "the workload makes no such call";
      break;
    }
    ASSERT_EQ(result.exit_code, fine) << "call " << number << ": " << harness::describe(result);
  }
}

// Without it neither of two threads would know of the other.
TEST(refused_call, to_fence_threads_ends_the_process_with_one_line) {
  fake_os::setup().refused_call = call::fence_all_threads;
  harness::outcome result;
  for (std::size_t number = 1;; number = next(number)) {
    fake_os::setup().refused_number = number;
    result = harness::run_forked(run_with_refusal);
    if (result.exit_code == not_reached) break;
    EXPECT_EQ(result.errors, "connarena: internal error: the system refuses to fence threads\n");
    ASSERT_EQ(result.signal, SIGABRT) << harness::describe(result);
  }
  EXPECT_GT(fake_os::setup().refused_number, 1u) << "the workload makes no such call";
  fake_os::setup() = {};
}

constexpr call all_but_fences[] = {call::reserve,
                                   call::reserve_at,
                                   call::unreserve,
                                   call::commit,
                                   call::make_readable,
                                   call::purge,
                                   call::forbid_huge_pages,
                                   call::on_thread_exit,
                                   call::enable_thread_fences,
                                   call::guard,
                                   call::unguard};
INSTANTIATE_TEST_SUITE_P(each, refused_call, ::testing::ValuesIn(all_but_fences));

}  // namespace
