// arenas_of_lanes.cpp - the C++ classes, as lanes of this library's own core.
#include <algorithm>
#include <cstring>
#include <new>

#include "api/arena_calls.hpp"
#include "api/core_of_lane.hpp"
#include "api/or_throw.hpp"
#include "arena/arenas.hpp"
#include "arena/lane/access.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/lane/idle_lanes.hpp"
#include "arena/lane/lone_lane.hpp"
#include "arena/limits.hpp"
#include "arena/runs/runs.hpp"
#include "arena/small/faults.hpp"
#include "arena/small/small_blocks.hpp"
#include "heap/slow_calls.hpp"

namespace connarena {
namespace {

void notify_of(const lone_arena_place& at) noexcept {
  if (has_limit(*at.home)) [[unlikely]]
    notify(*at.home, 0);
}

lane& open_lane(const arena_options& options, bool any_thread) {
  lane* const opened = open_arena(options.limit_bytes, options.name, any_thread);
  if (opened == nullptr) throw std::bad_alloc();
  return *opened;
}

/// The arena's thread is inside its lane, for as long as this lives.
class working {
 public:
  explicit working(const lone_arena_place& at) noexcept : in_(*at.home) { enter_lone(in_); }
  working(const working&) = delete;
  working& operator=(const working&) = delete;
  ~working() { leave_lone(in_); }

  [[nodiscard]] lane& in() const noexcept { return in_; }

 private:
  lane& in_;
};

void open(lone_arena_place& at, const arena_options& options) {
  at.home = &open_lane(options, false);
  at.home->kind = arena_kind::resource;
  at.in = at.home;
}

/// What comes next in the lane's place is not this thread's to leave.
void end(lone_arena_place& at) noexcept {
  lane& in = *at.home;
  enter_lone(in);
  end_arena(in);
}

void empty(lone_arena_place& at) noexcept {
  const working inside(at);
  empty_arena(inside.in());
}

void read(const lone_arena_place& at, arena_stats& counters) noexcept {
  const working inside(at);
  read_counters(inside.in(), counters);
}

void set_limit(lone_arena_place& at, std::size_t limit_bytes) noexcept {
  const working inside(at);
  static_cast<void>(connarena::set_limit(inside.in(), 0, limit_bytes));
}

void set_soft_limit(lone_arena_place& at, std::size_t bytes, connarena_limit_callback* passed,
                    void* context) {
  int error = 0;
  {
    const working inside(at);
    error = connarena::set_soft_limit(inside.in(), 0, bytes, passed, context);
  }
  if (error != 0) throw std::bad_alloc();
  notify_of(at);
}

/// Where much is idle in arenas for one thread, others are to reach it: the fast paths then
/// find a lane that has nothing.
void choose_way(lone_arena_place& at, lane& in) noexcept {
  const bool is_open = in.lone.load(std::memory_order_relaxed) != lone_lane::shut;
  if (is_open && retention::more_than_little_in_own_lanes() == 0) {
    shut_lone(in);
    at.in = &in;
  } else if (!is_open && retention::excess_in_own_lanes() > 0 && owners_possible()) {
    open_lone(in);
    at.in = &no_lane;
    if (in.reported_pages != 0) note_idle(in);
  }
}

[[gnu::noinline]] void report(lone_arena_place& at) noexcept {
  {
    const working inside(at);
    report_if_due(inside.in());
    choose_way(at, inside.in());
  }
  pass_time(this_thread());
}

void* allocate_of_class(lone_arena_place& at, std::uint8_t mark) {
  void* block = nullptr;
  {
    const working inside(at);
    block = or_throw(allocate_small(inside.in(), mark));
  }
  notify_of(at);
  return block;
}

void* allocate_run_of(lane& in, std::size_t size_bytes, std::size_t alignment) noexcept {
  const auto take = [&] {
    bool is_zero = false;
    return allocate_run({&in, one_thread_generation}, size_bytes, alignment, is_zero);
  };
  return has_limit(in) ? take_under_limit(in, 0, take) : take();
}

void* allocate(lone_arena_place& at, std::size_t size_bytes, std::size_t alignment) {
  void* block = nullptr;
  {
    const working inside(at);
    lane& in = inside.in();
    block = or_throw(fits_small(size_bytes, alignment)
                         ? allocate_small_aligned(in, size_bytes, alignment)
                         : allocate_run_of(in, size_bytes, alignment));
  }
  notify_of(at);
  return block;
}

/// Of a run, or of a block that lies in the lane's first block.
[[gnu::noinline]] void deallocate_other(lone_arena_place& at, void* block,
                                        std::size_t size_bytes) noexcept {
  bool is_due = false;
  {
    const working inside(at);
    lane& in = inside.in();
    const bool is_small = size_bytes <= max_small_bytes;
    if (is_small && put_back_first(in, block, mark_of_size(size_bytes))) {
      is_due = is_report_due(in);
    } else if (!deallocate_run_of(in, block, size_bytes)) {
      die_of_bad_free(in.index, block, size_bytes);
    }
  }
  if (is_due) report(at);
}

void deallocate(lone_arena_place& at, void* block, std::size_t size_bytes) noexcept {
  if (size_bytes > max_small_bytes) return deallocate_other(at, block, size_bytes);
  lane& in = *at.home;
  enter_lone(in);
  const bool is_done = put_back(in, block, mark_of_size(size_bytes));
  const bool is_due = is_done && is_report_due(in);
  leave_lone(in);
  if (is_due) [[unlikely]]
    return report(at);
  if (!is_done) [[unlikely]]
    deallocate_other(at, block, size_bytes);
}

/// Room for a block of the lane that moves.
void* take_to_move(lone_arena_place& at, void* block, std::size_t old_bytes,
                   std::size_t new_bytes) {
  const working inside(at);
  lane& in = inside.in();
  if (new_bytes <= max_small_bytes) return allocate_small(in, mark_of_size(new_bytes));
  const bool again = old_bytes > max_small_bytes && has_grown(quarter_at(block));
  const run_owner of{&in, one_thread_generation};
  const auto take = [&] { return allocate_growing_run(of, new_bytes, again); };
  return has_limit(in) ? take_under_limit(in, 0, take) : take();
}

/// Pre: the block is one of the lane's.
void* move(lone_arena_place& at, void* block, std::size_t old_bytes, std::size_t new_bytes) {
  void* const moved = take_to_move(at, block, old_bytes, new_bytes);
  std::memcpy(or_throw(moved), block, std::min(old_bytes, new_bytes));
  deallocate(at, block, old_bytes);
  notify_of(at);
  return moved;
}

void* reallocate(lone_arena_place& at, void* block, std::size_t old_bytes, std::size_t new_bytes) {
  const lane& in = *at.home;
  const bool was_run = old_bytes > max_small_bytes;
  const bool is_run = new_bytes > max_small_bytes;
  if (was_run && !is_run_of(in, block, old_bytes)) die_of_bad_free(in.index, block, old_bytes);
  if (was_run && is_run && resize_run(quarter_at(block), new_bytes)) return block;
  if (!was_run && !is_run && class_of(old_bytes) == class_of(new_bytes)) return block;
  return move(at, block, old_bytes, new_bytes);
}

void open_for_any_thread(arena_place& at, const arena_options& options) {
  lane& opened = open_lane(options, true);
  opened.kind = arena_kind::resource;
  at = {handle_of(opened), &opened};
}

/// Somebody may have ended it by its handle.
void end_for_any_thread(arena_place& at) noexcept {
  if (is_of(*at.in, at.handle)) end_arena(*at.in);
}

void* allocate_for_any_thread(arena_place& at, std::size_t size_bytes,
                              std::size_t alignment) noexcept {
  return core::allocate_beyond(*at.in, at.handle, size_bytes, alignment);
}

free_result deallocate_from_any_thread(arena_place& at, void* block,
                                       std::size_t size_bytes) noexcept {
  return core::deallocate_of(*at.in, at.handle, block, size_bytes);
}

}  // namespace

constexpr arena_calls calls_of_lanes{
    .open = open,
    .end = end,
    .empty = empty,
    .read_counters = read,
    .set_limit = set_limit,
    .set_soft_limit = set_soft_limit,
    .allocate = allocate,
    .allocate_of_class = allocate_of_class,
    .deallocate = deallocate,
    .reallocate = reallocate,
    .report = report,
    .open_for_any_thread = open_for_any_thread,
    .end_for_any_thread = end_for_any_thread,
    .allocate_for_any_thread = allocate_for_any_thread,
    .deallocate_from_any_thread = deallocate_from_any_thread,
};

}  // namespace connarena
