#include "fuzz/session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "api/core.hpp"
#include "arena/check_all.hpp"
#include "base/units.hpp"
#include "harness/pattern.hpp"
#include "heap/size_classes.hpp"

namespace core = connarena::core;

namespace fuzz {
namespace {

constexpr std::size_t most_blocks = 4000;
constexpr std::size_t most_connections = 24;
constexpr unsigned steps_a_check = 16;
constexpr std::size_t most_held_bytes = std::size_t{24} << 20;
constexpr std::size_t floors[] = {std::size_t{8} << 20, std::size_t{2} << 20,
                                  std::size_t{256} << 10, 0};
// A limit charges two control blocks and two first blocks from the start.
constexpr std::size_t charged_from_the_start = std::size_t{4} * 320;

/// What a live block counts for: of a run, the bytes before its block as well.
std::size_t counted_bytes(const void* block) {
  const std::size_t usable = connarena_usable_size(block);
  return usable <= connarena::max_small_bytes
             ? usable
             : connarena::round_up(usable, connarena::quarter_bytes);
}

}  // namespace

void session::run() {
  for (unsigned steps = 1; !bytes_.is_empty(); ++steps) {
    if (on_other_) {
      other_.run([this] { step(); });
    } else {
      step();
    }
    if (steps % steps_a_check == 0) connarena::check_all(connarena::others::are_still);
  }
  reference_.check_all();
  free_all();
  other_.end();
}

void session::step() {
  // What makes inputs long stands here more than once.
  static constexpr void (session::*operations[])() = {&session::open,
                                                      &session::open,
                                                      &session::allocate_one,
                                                      &session::allocate_one,
                                                      &session::allocate_aligned,
                                                      &session::allocate_many,
                                                      &session::allocate_many,
                                                      &session::allocate_zeroed,
                                                      &session::allocate_unowned,
                                                      &session::reallocate_one,
                                                      &session::reallocate_one,
                                                      &session::free_one,
                                                      &session::free_many,
                                                      &session::free_many,
                                                      &session::release,
                                                      &session::drain,
                                                      &session::drain,
                                                      &session::destroy,
                                                      &session::adopt,
                                                      &session::change_thread,
                                                      &session::check,
                                                      &session::trim};
  (this->*operations[bytes_.byte() % std::size(operations)])();
}

void session::open() {
  if (open_.size() == most_connections) return;
  const auto kind = static_cast<opened_as>(bytes_.byte() % 4);
  const std::size_t limit = bytes_.byte() % 4 != 0 ? connarena::unlimited : bytes_.size() + 1;
  open_.push_back(std::make_shared<connection>(kind, limit));
}

void session::allocate_one() { allocate(16); }
void session::allocate_aligned() { allocate(bytes_.alignment()); }
void session::allocate(std::size_t alignment) {
  const connection_ptr of = pick_open();
  const std::size_t bytes = bytes_.size();
  if (of == nullptr || !has_room(bytes)) return;
  hold(of->allocate(bytes, alignment), bytes, alignment, of);
}

void session::allocate_many() {
  const connection_ptr of = pick_open();
  const std::size_t bytes = bytes_.size();
  const std::size_t step_bytes = bytes_.byte();
  const std::size_t count = bytes_.byte();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t each = bytes + i * step_bytes % 4096;
    if (of == nullptr || !has_room(each)) return;
    hold(of->allocate(each, 16), each, 16, of);
  }
}

void session::allocate_zeroed() {
  const connection_ptr of = pick_open_of_c();
  const std::size_t bytes = bytes_.size();
  if (of == nullptr || !has_room(bytes)) return;
  void* const at = connarena_calloc(of->handle(), 1, bytes);
  if (at != nullptr) {
    EXPECT_TRUE(harness::is_zero(at, bytes)) << bytes;
  }
  hold(at, bytes, 16, of);
}

void session::allocate_unowned() {
  const std::size_t bytes = bytes_.size() + 4096;
  if (has_room(bytes)) hold(core::allocate_unowned(bytes, 16), bytes, 16, nullptr);
}

void session::reallocate_one() {
  const std::size_t index = bytes_.byte();
  const std::size_t bytes = bytes_.size() + 1;
  const connection_ptr target = pick_open_of_c();
  if (blocks_.empty() || !has_room(bytes)) return;
  held_block& block = blocks_[index % blocks_.size()];
  const auto in_reference = reference_.all().find(reinterpret_cast<std::uintptr_t>(block.at));
  const model::shadow_block old = in_reference->second;
  // The others' resource has to be told of every block that comes and goes.
  const bool survives = block.of != nullptr && !block.of->is_open();
  if (survives && block.of->kind() != opened_as::c) return;
  void* moved = nullptr;
  if (block.of != nullptr && block.of->one_thread() != nullptr) {
    if (old.alignment > 16) return;
    try {
      moved = block.of->one_thread()->reallocate(block.at, block.deallocate_bytes, bytes);
    } catch (const std::bad_alloc&) {
    }
    if (moved != nullptr) block.deallocate_bytes = bytes;
  } else {
    moved = connarena_realloc(target != nullptr ? target->handle() : 0, block.at, bytes);
    if (moved != nullptr) block.deallocate_bytes = connarena_usable_size(moved);
  }
  if (moved == nullptr) return;
  held_bytes_ = held_bytes_ - old.bytes + bytes;
  block.at = moved;
  const connarena_t owner = connarena_of(moved);
  if (owner != 0) block.of = with_handle(owner);
  reference_.resized(in_reference, moved, bytes, ++contents_);
}

void session::free_one() {
  const std::size_t index = bytes_.byte() * std::size_t{16};
  const std::size_t offset = bytes_.byte();
  if (!blocks_.empty()) free_block((index + offset) % blocks_.size());
}

void session::free_many() {
  std::size_t index = bytes_.byte();
  const std::size_t stride = bytes_.byte() % 32 + 1u;
  for (std::size_t left = bytes_.byte(); left > 0 && index < blocks_.size(); --left) {
    free_block(index);
    index += stride;
  }
}

void session::release() {
  const connection_ptr of = pick_open();
  if (of == nullptr) return;
  forget_blocks_of(of);
  of->release();
  check_counters(of);
}

void session::drain() { end(true); }
void session::destroy() { end(false); }
void session::end(bool drains) {
  const connection_ptr of = pick_open();
  if (of == nullptr) return;
  const bool blocks_survive = drains && of->can_drain();
  check_counters(of);
  if (!blocks_survive) forget_blocks_of(of);
  if (of->handle() != 0) ended_.push_back(of->handle());
  of->end(blocks_survive);
  open_.erase(std::find(open_.begin(), open_.end(), of));
}

/// I/O through a block: only runs that are nobody's or the C API's may change hands
/// here, as under the preload library.
void session::adopt() {
  const connection_ptr by = pick_open_of_c();
  const std::size_t index = bytes_.byte();
  if (by == nullptr || blocks_.empty()) return;
  held_block& block = blocks_[index % blocks_.size()];
  if (block.of != nullptr && block.of->kind() != opened_as::c) return;
  core::adopt_by_io(by->handle(), static_cast<char*>(block.at) + 4000, 1);
  const connarena_t owner = connarena_of(block.at);
  if (owner != 0) block.of = with_handle(owner);
  if (owner == 0 && (block.of == nullptr || block.of->is_open())) block.of = nullptr;
}

void session::use_stale_handle() const {
  if (ended_.empty()) return;
  const connarena_t stale = ended_.back();
  errno = 0;
  EXPECT_EQ(connarena_malloc(stale, 100), nullptr);
  EXPECT_EQ(errno, ESTALE);
  EXPECT_EQ(connarena_close(stale), -1);
  EXPECT_EQ(connarena_release(stale), -1);
}

void session::change_thread() { on_other_ = !on_other_; }

void session::trim() {
  if (!on_other_) other_.end();
  core::trim();
  use_stale_handle();
}

void session::check() {
  for (const connection_ptr& each : open_) check_counters(each);
  if (blocks_.empty()) return;
  const held_block& block = blocks_[bytes_.byte() % blocks_.size()];
  const auto in_reference = reference_.all().find(reinterpret_cast<std::uintptr_t>(block.at));
  EXPECT_GE(connarena_usable_size(block.at), in_reference->second.bytes);
  const bool has_owner = block.of != nullptr && block.of->is_open();
  EXPECT_EQ(connarena_of(block.at), has_owner ? block.of->handle() : 0u);
}

void session::hold(void* at, std::size_t bytes, std::size_t alignment, const connection_ptr& of) {
  if (at == nullptr) {
    EXPECT_TRUE(of != nullptr && of->limit_bytes() != connarena::unlimited) << bytes;
    return;
  }
  reference_.add(at, bytes, alignment, ++contents_);
  blocks_.push_back({at, of, bytes});
  held_bytes_ += bytes;
}

void session::free_block(std::size_t index) {
  std::swap(blocks_[index], blocks_.back());
  const held_block block = blocks_.back();
  blocks_.pop_back();
  const auto in_reference = reference_.all().find(reinterpret_cast<std::uintptr_t>(block.at));
  held_bytes_ -= in_reference->second.bytes;
  const std::size_t alignment = in_reference->second.alignment;
  reference_.remove(in_reference);
  if (block.of == nullptr) return connarena_free(block.at);
  block.of->deallocate(block.at, block.deallocate_bytes, alignment);
}

void session::forget_blocks_of(const connection_ptr& ended) {
  const auto is_ended = [&](const held_block& block) {
    if (block.of != ended) return false;
    const auto in_reference = reference_.all().find(reinterpret_cast<std::uintptr_t>(block.at));
    held_bytes_ -= in_reference->second.bytes;
    reference_.remove(in_reference);
    return true;
  };
  blocks_.erase(std::remove_if(blocks_.begin(), blocks_.end(), is_ended), blocks_.end());
}

void session::check_counters(const connection_ptr& of) const {
  const connarena_stats counters = of->stats();
  std::size_t live_bytes = 0;
  for (const held_block& each : blocks_) {
    if (each.of == of) live_bytes += counted_bytes(each.at);
  }
  EXPECT_EQ(counters.live_bytes, live_bytes);
  EXPECT_LE(counters.footprint_bytes, counters.peak_bytes);
  // Adopting a run asks for no limit.
  if (of->kind() == opened_as::c) return;
  EXPECT_LE(counters.footprint_bytes, std::max(of->limit_bytes(), charged_from_the_start));
}

void session::free_all() {
  while (!blocks_.empty()) free_block(blocks_.size() - 1);
  for (const connection_ptr& each : open_) {
    check_counters(each);
    each->end(each->can_drain());
  }
  open_.clear();
}

session::connection_ptr session::pick_open() {
  const std::size_t index = bytes_.byte();
  return open_.empty() ? nullptr : open_[index % open_.size()];
}

session::connection_ptr session::pick_open_of_c() {
  const std::size_t first = bytes_.byte();
  for (std::size_t i = 0; i < open_.size(); ++i) {
    const connection_ptr& each = open_[(first + i) % open_.size()];
    if (each->kind() == opened_as::c) return each;
  }
  return nullptr;
}

session::connection_ptr session::with_handle(connarena_t handle) const {
  for (const connection_ptr& each : open_) {
    if (each->handle() == handle) return each;
  }
  ADD_FAILURE() << "a block belongs to an arena that is not open: " << handle;
  return nullptr;
}

bool session::has_room(std::size_t bytes) const {
  return blocks_.size() < most_blocks && held_bytes_ + bytes <= most_held_bytes;
}

void run_input(const std::uint8_t* bytes, std::size_t count) {
  input all(bytes, count);
  const std::size_t floor = floors[all.byte() % std::size(floors)];
  core::set_retention_floor(floor);
  core::trim();
  const connarena::process_stats before = connarena::process();
  session(all).run();
  const connarena::process_stats after = connarena::process();
  EXPECT_EQ(after.live_bytes, before.live_bytes);
  EXPECT_EQ(after.arenas_open, before.arenas_open);
  EXPECT_EQ(after.arenas_draining, before.arenas_draining);
  connarena::check_all(connarena::others::are_still);
}

}  // namespace fuzz
