// lane_turn.hpp - what a thread of the model in lane_protocol.hpp does, step by step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "model/lane_memory.hpp"

namespace model {

inline constexpr std::uint8_t free_guard = 0;
inline constexpr std::uint8_t held = 1;
inline constexpr std::uint8_t asked = 2;
inline constexpr std::uint8_t most_changes = 2;
/// Of `hands`, which is else how often they changed: shared, and not to be lent before more
/// have come than here ever do.
inline constexpr std::uint8_t shared_for_now = 3;

enum class at : std::uint8_t {
  begin,
  enter,
  own_guard,
  own_owner,
  own_page,
  own_add,
  own_put,
  own_leave,
  own_fail,
  choose,
  try_guard,
  try_handle,
  try_changes,
  try_lend,
  try_owner,
  try_claim,
  come,
  who,
  fence,
  wait,
  change,
  change_owner,
  handle,
  claim,
  collect,
  page,
  add,
  put,
  lend,
  meet,
  move_page,
  collect_last,
  add_last,
  put_last,
  no_owner,
  close,
  leave,
  claim_late,
  give_place,
  push,
  push_look,
  pass_all,
  ask,
  take_place,
  new_owner,
  new_hands,
  new_page,
  new_generation,
  part,
  part_guard,
  part_owner,
};

/// One thread at one step: each reads or writes the memory once.
class turn : lane_memory {
 public:
  turn(lane_state& state, std::size_t thread, act doing, mistake wrong)
      : lane_memory(state, thread), doing_(doing), wrong_(wrong) {}

  [[nodiscard]] bool take() {
    using step = bool (turn::*)();
    static constexpr step steps[] = {
        &turn::begin,       &turn::enter,        &turn::own_guard,  &turn::own_owner,
        &turn::own_page,    &turn::own_add,      &turn::own_put,    &turn::own_leave,
        &turn::own_fail,    &turn::choose,       &turn::try_guard,  &turn::try_handle,
        &turn::try_changes, &turn::try_lend,     &turn::try_owner,  &turn::try_claim,
        &turn::come,        &turn::who,          &turn::fence,      &turn::wait,
        &turn::change,      &turn::change_owner, &turn::handle,     &turn::claim,
        &turn::collect,     &turn::page,         &turn::add,        &turn::put,
        &turn::lend,        &turn::meet,         &turn::move_page,  &turn::collect,
        &turn::add,         &turn::put_last,     &turn::no_owner,   &turn::close,
        &turn::leave,       &turn::claim_late,   &turn::give_place, &turn::push,
        &turn::push_look,   &turn::pass_all,     &turn::ask,        &turn::take_place,
        &turn::new_owner,   &turn::new_hands,    &turn::new_page,   &turn::new_generation,
        &turn::part,        &turn::part_guard,   &turn::part_owner};
    return (this->*steps[self_.at])();
  }

 private:
  // What a step ends with
  bool go(at next) {
    self_.at = static_cast<std::uint8_t>(next);
    return true;
  }
  bool next_step() { return go(static_cast<at>(self_.at + 1)); }
  bool done() {
    ++self_.act;
    self_.adds = self_.collected = self_.comes_again = self_.seen = self_.sum = self_.handle = 0;
    return go(at::begin);
  }
  bool store_and_go(cell to, std::uint8_t value, at next) { return store(to, value) && go(next); }

  bool begin() {
    if (doing_ == act::open) return go(at::take_place);
    self_.handle = load(cell::generation);
    if (self_.handle == 0) return done();
    if (doing_ == act::part) return go(at::part);
    self_.adds = doing_ == act::take || doing_ == act::give ? 1 : 0;
    return go(self_.adds != 0 ? at::enter : at::come);
  }

  // As the owner
  bool enter() { return store_and_go(inside_of(id_), 1, at::own_guard); }
  bool is_entry(bool owner) const {
    return owner ? load(cell::owner) == id_ : load(cell::guard) == free_guard;
  }
  bool own_guard() {
    const bool may = is_entry(wrong_ == mistake::owner_before_guard);
    return go(may ? at::own_owner : at::own_fail);
  }
  bool own_owner() {
    const bool may = is_entry(wrong_ != mistake::owner_before_guard);
    return go(may ? at::own_page : at::own_fail);
  }
  bool own_page() {
    const bool is_take = doing_ == act::take;
    if (load(is_take ? cell::generation : cell::page) == self_.handle) return next_step();
    return go(at::own_leave);
  }
  bool own_add() {
    self_.sum = load(cell::sum);
    return next_step();
  }
  bool own_put() {
    if (!store(cell::sum, static_cast<std::uint8_t>(self_.sum + 1))) return false;
    ++state_.expected;
    return next_step();
  }
  bool own_leave() { return store(inside_of(id_), 0) && done(); }
  bool own_fail() { return store_and_go(inside_of(id_), 0, at::choose); }

  // In a lane that nobody owns
  bool choose() {
    const std::uint8_t owner = load(cell::owner);
    if (doing_ == act::take) return go(owner == 0 ? at::try_guard : at::come);
    const bool is_kept = owner != 0 && owner != id_;
    return go(is_kept || load(cell::guard) == held ? at::push : at::come);
  }
  bool try_guard() {
    if (!may_acquire(cell::guard)) return false;
    if (modified(cell::guard) != free_guard) return go(at::come);
    modified(cell::guard) = held;
    return next_step();
  }
  bool try_handle() {
    return go(load(cell::generation) == self_.handle ? at::try_changes : at::leave);
  }
  bool is_shared() const { return load(cell::hands) >= most_changes; }
  bool may_be_lent() const { return load(cell::hands) == most_changes; }
  bool try_changes() { return go(is_shared() ? at::try_lend : at::try_owner); }
  bool try_lend() {
    if (load(cell::owner) != 0) return go(at::try_owner);
    return go(may_be_lent() ? at::try_claim : at::add);
  }
  bool try_owner() {
    if (load(cell::owner) == 0) return go(at::try_claim);
    self_.comes_again = 1;
    return go(at::leave);
  }
  bool try_claim() {
    if (wrong_ != mistake::owner_after_guard) return store_and_go(cell::owner, id_, at::add);
    self_.comes_again = 2;
    return go(at::add);
  }

  // As a visitor
  bool come() {
    self_.comes_again = 0;
    if (!may_acquire(cell::guard) || modified(cell::guard) == held) return false;
    modified(cell::guard) = held;
    return go(doing_ == act::meet ? at::handle : at::who);
  }
  bool who() {
    self_.seen = load(cell::owner);
    if (self_.seen == 0 || self_.seen == id_) return go(at::handle);
    self_.fenced = 0;
    return go(wrong_ == mistake::no_fence ? at::wait : at::fence);
  }
  /// One thread after the other passes it.
  bool fence() {
    state_.threads[self_.fenced].stores.let_all_arrive(state_.memory);
    if (++self_.fenced < most_threads) return true;
    self_.fenced = 0;
    if (doing_ != act::look) ++state_.fences;
    return next_step();
  }
  bool wait() {
    if (load(inside_of(self_.seen)) != 0) return false;
    return go(doing_ == act::take || doing_ == act::give ? at::change : at::handle);
  }
  bool change() {
    const bool is_new = load(cell::hands) == 0;
    return store_and_go(cell::hands, is_new ? std::uint8_t{1} : shared_for_now, at::change_owner);
  }
  bool change_owner() {
    const std::uint8_t owner = load(cell::hands) < most_changes ? id_ : std::uint8_t{0};
    return store_and_go(cell::owner, owner, at::handle);
  }
  bool handle() {
    if (load(cell::generation) != self_.handle && doing_ != act::give) return go(at::leave);
    if (doing_ == act::meet) return go(at::meet);
    return go(doing_ == act::take ? at::claim : at::collect);
  }
  bool claim() {
    const bool may = load(cell::owner) == 0 && (!is_shared() || may_be_lent());
    if (may && wrong_ == mistake::owner_after_guard) {
      self_.comes_again = 2;
    } else if (may && !store(cell::owner, id_)) {
      return false;
    }
    return next_step();
  }
  bool collect() {
    if (!may_modify()) return false;
    self_.collected = std::exchange(state_.remote, std::uint8_t{0});
    return next_step();
  }
  /// A block of a page that has moved is freed elsewhere.
  bool page() {
    if (doing_ == act::give && load(cell::page) != self_.handle) self_.adds = 0;
    return next_step();
  }
  bool add() {
    self_.sum = load(cell::sum);
    return next_step();
  }
  bool put_all(at next) {
    const auto more = static_cast<std::uint8_t>(self_.collected + self_.adds);
    if (!store(cell::sum, static_cast<std::uint8_t>(self_.sum + more))) return false;
    state_.expected = static_cast<std::uint8_t>(state_.expected + more);
    self_.collected = self_.adds = 0;
    return go(next);
  }
  bool put() { return put_all(doing_ == act::end ? at::move_page : at::lend); }
  /// To who frees; of who allocates that is settled before.
  bool lend() {
    const bool may = doing_ == act::give && load(cell::owner) == 0 && may_be_lent();
    return may ? store_and_go(cell::owner, id_, at::leave) : go(at::leave);
  }

  bool meet() {
    const bool is_nobodys = load(cell::owner) == 0 && is_shared();
    if (is_nobodys && state_.has_second == 0) {
      if (!store(cell::hands, most_changes - 1)) return false;
      state_.has_second = 1;
    }
    return go(at::leave);
  }

  // A borrower has come to another lane, or waits
  bool part() {
    const bool has_it = load(cell::owner) == id_;
    if (has_it && wrong_ == mistake::unguarded_return) {
      return is_shared() ? store(cell::owner, 0) && done() : done();
    }
    return has_it && load(cell::guard) != held ? next_step() : done();
  }
  bool part_guard() {
    if (!may_acquire(cell::guard) || modified(cell::guard) == held) return false;
    modified(cell::guard) = held;
    return next_step();
  }
  bool part_owner() {
    const bool is_lent = load(cell::owner) == id_ && is_shared();
    return is_lent ? store_and_go(cell::owner, 0, at::leave) : go(at::leave);
  }

  // The end of an arena
  bool move_page() {
    if (!may_modify()) return false;
    modified(cell::page) = 0;
    return next_step();
  }
  bool put_last() { return put_all(at::no_owner); }
  bool no_owner() { return store_and_go(cell::owner, 0, at::close); }
  bool close() {
    self_.comes_again = 3;
    return store_and_go(cell::generation, 0, at::leave);
  }
  bool leave() {
    if (!store(cell::guard, free_guard)) return false;
    if (self_.comes_again == 1) return go(at::come);
    if (self_.comes_again == 2) return go(at::claim_late);
    return self_.comes_again == 3 ? go(at::give_place) : done();
  }
  bool claim_late() { return store(cell::owner, id_) && done(); }
  bool give_place() {
    if (!may_modify()) return false;
    state_.place_free = 1;
    return done();
  }

  // A block of another's lane
  bool push() {
    if (!may_modify()) return false;
    ++state_.remote;
    self_.adds = 0;
    return go(wrong_ == mistake::no_second_look ? at::ask : at::push_look);
  }
  bool push_look() { return go(load(cell::page) == self_.handle ? at::ask : at::pass_all); }
  bool pass_all() {
    if (!may_modify()) return false;
    state_.remote = 0;
    return done();
  }
  bool ask() {
    if (!may_modify()) return false;
    if (modified(cell::guard) == asked) return go(at::come);
    if (modified(cell::guard) == free_guard) modified(cell::guard) = asked;
    return done();
  }

  // A new arena in the lane's place
  bool take_place() {
    if (!may_modify() || state_.place_free == 0) return false;
    state_.place_free = 0;
    return next_step();
  }
  bool new_owner() { return store_and_go(cell::owner, 0, at::new_hands); }
  bool new_hands() { return store_and_go(cell::hands, 0, at::new_page); }
  bool new_page() {
    return store_and_go(cell::page, static_cast<std::uint8_t>(state_.generations + 1),
                        at::new_generation);
  }
  bool new_generation() {
    if (!store(cell::generation, static_cast<std::uint8_t>(state_.generations + 1))) return false;
    ++state_.generations;
    state_.fences = state_.has_second = 0;
    return done();
  }

  const act doing_;
  const mistake wrong_;
};

}  // namespace model
