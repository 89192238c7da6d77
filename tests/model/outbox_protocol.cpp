#include "model/outbox_protocol.hpp"

#include <algorithm>
#include <optional>

namespace model {
namespace {

// One passes on what it has freed, the other has it left as it ends.
constexpr std::array<std::uint8_t, freeing_threads> blocks_of_thread = {2, 1};
constexpr std::uint8_t all_blocks = 3;
constexpr std::uint8_t blocks_to_pass = 2;
constexpr std::uint8_t rounds = 2;

/// Steps of a free; the last ones are of the thread's end, which passes on what is left.
enum free_at : std::uint8_t {
  say_early,
  lock,
  ask,
  say,
  put,
  unlock,
  push_late,
  look_again,
  pass_all,
  is_gone
};

/// Steps of whoever makes the lane whole.
enum whole_at : std::uint8_t {
  ask_word,
  take_word,
  look_into,
  take_word_late,
  collect,
  collect_seen,
  move,
  look_last,
  collect_last
};

bool is_last(const freeing_thread& own) { return own.left == 0; }
bool is_ending(const freeing_thread& own) { return is_last(own) && own.passing == 0; }

bool have_freed(const outbox_state& state) {
  return std::all_of(state.threads.begin(), state.threads.end(), [](const freeing_thread& each) {
    return is_last(each) && (each.at == lock || each.at == is_gone) && each.passing == 0;
  });
}

std::uint8_t latest(const outbox_state& state, std::size_t cell) {
  return state.memory.values[cell][state.memory.latest[cell]].value;
}

constexpr auto word_cell = static_cast<std::size_t>(outbox_cell::word);
constexpr auto remote_cell = static_cast<std::size_t>(outbox_cell::remote);
constexpr auto moved_cell = static_cast<std::size_t>(outbox_cell::moved);
constexpr std::size_t guard_of(std::size_t thread) {
  return static_cast<std::size_t>(outbox_cell::guard) + thread;
}
constexpr std::size_t box_of(std::size_t thread) {
  return static_cast<std::size_t>(outbox_cell::box) + thread;
}

/// One thread at one step: each reads or writes the memory once, but under a guard.
class outbox_turn {
 public:
  outbox_turn(outbox_state& state, std::size_t id, std::size_t age, bool ends_after,
              outbox_mistake wrong)
      : state_(state), id_(id), age_(age), ends_after_(ends_after), wrong_(wrong) {}

  [[nodiscard]] bool take() {
    return id_ < freeing_threads ? free_step(state_.threads[id_]) : whole_step();
  }

 private:
  [[nodiscard]] bool is(outbox_mistake which) const { return wrong_ == which; }
  [[nodiscard]] order unless(outbox_mistake which, order otherwise = order::strong) const {
    return is(which) ? order::relaxed : otherwise;
  }

  // How a thread reads and writes
  [[nodiscard]] std::optional<std::uint8_t> load(std::size_t cell, order acquire) {
    return state_.memory.load(id_, cell, age_, acquire);
  }
  [[nodiscard]] bool store(std::size_t cell, std::uint8_t value, order release) {
    return state_.memory.store(id_, cell, value, release);
  }
  [[nodiscard]] bool enter(std::size_t thread) {
    if (latest(state_, guard_of(thread)) != 0) return false;
    return state_.memory.modify(
        id_, guard_of(thread), [](std::uint8_t) { return 1; },
        unless(outbox_mistake::relaxed_enter), order::relaxed);
  }
  [[nodiscard]] bool leave(std::size_t thread) {
    return store(guard_of(thread), 0, unless(outbox_mistake::relaxed_leave));
  }
  /// Under the guard.
  [[nodiscard]] std::uint8_t box(std::size_t thread) {
    if (!state_.memory.knows(id_, box_of(thread))) state_.has_race = 1;
    return latest(state_, box_of(thread));
  }
  [[nodiscard]] bool push(std::uint8_t blocks) {
    const order both = unless(outbox_mistake::relaxed_push, order::total);
    return state_.memory.modify(
        id_, remote_cell, [blocks](std::uint8_t before) { return before + blocks; }, both, both);
  }
  [[nodiscard]] bool take_all() {
    state_.arrived = static_cast<std::uint8_t>(state_.arrived + latest(state_, remote_cell));
    return state_.memory.modify(
        id_, remote_cell, [](std::uint8_t) { return 0; }, order::total, order::total);
  }

  [[nodiscard]] bool put_step(freeing_thread& own);
  [[nodiscard]] bool ask_step(freeing_thread& own);
  [[nodiscard]] bool look_again_step(freeing_thread& own);
  [[nodiscard]] bool free_step(freeing_thread& own);
  [[nodiscard]] bool ask_word_step();
  [[nodiscard]] bool empty_step();
  [[nodiscard]] bool look_step();
  [[nodiscard]] bool end_round();
  [[nodiscard]] bool look_last_step();
  [[nodiscard]] bool whole_step();

  outbox_state& state_;
  std::size_t id_;
  std::size_t age_;
  bool ends_after_;
  outbox_mistake wrong_;
};

/// A thread that has nothing left to pass on is gone.
bool outbox_turn::put_step(freeing_thread& own) {
  const bool is_end = is_ending(own);
  std::uint8_t blocks = box(id_);
  if (!is_end) {
    ++blocks;
    --own.left;
  }
  if (is_end || blocks == blocks_to_pass) {
    own.passing = blocks;
    blocks = 0;
    if (own.passing != 0 && !is(outbox_mistake::pushes_after_guard) && !push(own.passing))
      return false;
  }
  if (is_end && own.passing == 0) {
    own.at = is_gone;
    return leave(id_);
  }
  ++own.at;
  return store(box_of(id_), blocks, order::relaxed);
}

/// Whether the lane's word says so already. Of the end: there is nothing to put, and all there
/// is to pass on.
bool outbox_turn::ask_step(freeing_thread& own) {
  if (is_ending(own) || is(outbox_mistake::says_before_guard) || box(id_) != 0) {
    own.at = put;
    return age_ == 0;
  }
  const std::optional<std::uint8_t> says = load(word_cell, order::relaxed);
  own.at = says == 1 ? put : say;
  return says.has_value();
}

bool outbox_turn::look_again_step(freeing_thread& own) {
  own.at = is_last(own) ? lock : say_early;
  if (own.passing == 0) return age_ == 0;
  const std::optional<std::uint8_t> has_moved = load(moved_cell, order::total);
  own.passing = 0;
  if (has_moved == 1 && !is(outbox_mistake::no_second_look)) own.at = pass_all;
  return has_moved.has_value();
}

bool outbox_turn::free_step(freeing_thread& own) {
  const std::uint8_t at = own.at;
  if (at == ask) return ask_step(own);
  if (at == look_again) return look_again_step(own);
  if (age_ != 0 || at == is_gone) return false;
  if (at == put) return put_step(own);
  if (at == pass_all) {
    own.at = is_last(own) ? lock : say_early;
    return take_all();
  }
  ++own.at;
  switch (at) {
    case say_early:
      return !is(outbox_mistake::says_before_guard) || store(word_cell, 1, order::relaxed);
    case lock:
      return enter(id_);
    case say:
      return store(word_cell, 1, order::relaxed);
    case unlock:
      return leave(id_);
    default:
      return own.passing == 0 || !is(outbox_mistake::pushes_after_guard) || push(own.passing);
  }
}

/// Where the word says that there are none, nobody looks.
bool outbox_turn::ask_word_step() {
  if (state_.round == rounds) return false;
  const bool hears = state_.round == rounds - 1 && ends_after_;
  if (hears && !have_freed(state_)) return false;
  for (std::size_t i = 0; i < freeing_threads && hears; ++i) state_.memory.hear_of(id_, i);
  state_.looked = 0;
  const std::optional<std::uint8_t> says = load(word_cell, order::relaxed);
  state_.at = says != 1 ? collect : is(outbox_mistake::looks_before_word) ? look_into : take_word;
  return says.has_value();
}

bool outbox_turn::empty_step() {
  const std::size_t of = state_.looked;
  if (!enter(of)) return false;
  const std::uint8_t blocks = box(of);
  if (blocks != 0 && (!push(blocks) || !store(box_of(of), 0, order::relaxed))) return false;
  if (++state_.looked == freeing_threads) ++state_.at;
  return leave(of);
}

bool outbox_turn::look_step() {
  const std::optional<std::uint8_t> blocks = load(remote_cell, order::relaxed);
  state_.at = blocks == 0 ? move : collect_seen;
  return blocks.has_value();
}

bool outbox_turn::end_round() {
  ++state_.round;
  state_.at = ask_word;
  return true;
}

bool outbox_turn::look_last_step() {
  if (state_.round != rounds - 1) return age_ == 0 && end_round();
  const std::optional<std::uint8_t> blocks =
      load(remote_cell, unless(outbox_mistake::relaxed_last_look, order::total));
  if (blocks == 0) return end_round();
  state_.at = collect_last;
  return blocks.has_value();
}

bool outbox_turn::whole_step() {
  const std::uint8_t at = state_.at;
  if (at == ask_word) return ask_word_step();
  if (at == collect) return look_step();
  if (at == look_last) return look_last_step();
  if (age_ != 0) return false;
  if (at == look_into) return empty_step();
  ++state_.at;
  const auto none = [](std::uint8_t) { return 0; };
  switch (at) {
    case take_word:
      return state_.memory.modify(id_, word_cell, none, order::relaxed, order::relaxed);
    case take_word_late:
      return !is(outbox_mistake::looks_before_word) || store(word_cell, 0, order::relaxed);
    case collect_seen:
      return take_all();
    case move:
      return state_.round != rounds - 1 || store(moved_cell, 1, order::total);
    default:
      return end_round() && take_all();
  }
}

}  // namespace

outbox_state outbox_protocol::start() {
  outbox_state state{};
  for (std::size_t i = 0; i < freeing_threads; ++i) state.threads[i].left = blocks_of_thread[i];
  return state;
}

bool outbox_protocol::step(outbox_state& state, std::size_t actor) const {
  constexpr std::size_t ids = freeing_threads + 1;
  return outbox_turn(state, actor % ids, actor / ids, ends_after_, wrong_).take();
}

const char* outbox_protocol::failure_of(const outbox_state& state) const {
  if (state.has_race != 0) return "a race for an outbox";
  std::uint8_t left = latest(state, remote_cell);
  for (std::size_t i = 0; i < freeing_threads; ++i) {
    left = static_cast<std::uint8_t>(left + latest(state, box_of(i)));
  }
  if (ends_after_ && state.round == rounds && left != 0) return "a block outlives its lane";
  if (!has_ended(state)) return nullptr;
  return state.arrived == all_blocks ? nullptr : "a block is lost";
}

bool outbox_protocol::has_ended(const outbox_state& state) const {
  return state.round == rounds &&
         std::all_of(state.threads.begin(), state.threads.end(),
                     [](const freeing_thread& each) { return each.at == is_gone; });
}

}  // namespace model
