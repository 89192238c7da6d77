#include "model/outbox_protocol.hpp"

#include <algorithm>

namespace model {
namespace {

constexpr std::uint8_t blocks_of_thread = 3;
constexpr std::uint8_t blocks_to_pass = 2;
constexpr std::uint8_t rounds = 2;

/// Steps of a free; the last ones are of the thread's end, which passes on what is left.
enum free_at : std::uint8_t { say_early, lock, say, put, unlock, push_late, look_again, is_gone };

/// Steps of whoever makes the lane whole.
enum whole_at : std::uint8_t { take_word, look_into, take_word_late, collect, move, collect_last };

bool is_last(const freeing_thread& own) { return own.freed == blocks_of_thread; }
bool is_ending(const freeing_thread& own) { return is_last(own) && own.passing == 0; }

void push(outbox_state& state, freeing_thread& own) {
  state.remote = static_cast<std::uint8_t>(state.remote + own.passing);
}

void take_all(outbox_state& state) {
  state.arrived = static_cast<std::uint8_t>(state.arrived + state.remote);
  state.remote = 0;
}

bool have_freed(const outbox_state& state) {
  return std::all_of(state.threads.begin(), state.threads.end(), [](const freeing_thread& each) {
    return is_last(each) && (each.at == lock || each.at == is_gone) && each.passing == 0;
  });
}

}  // namespace

/// True if the thread has nothing left to pass on, and is gone.
bool outbox_protocol::put_step(outbox_state& state, freeing_thread& own) const {
  const bool is_end = is_ending(own);
  if (!is_end) {
    ++own.box;
    ++own.freed;
  }
  if (is_end || own.box == blocks_to_pass) {
    own.passing = own.box;
    own.box = 0;
    if (wrong_ != outbox_mistake::pushes_after_guard) push(state, own);
  }
  if (!is_end || own.passing != 0) return false;
  own.guard = 0;
  own.at = is_gone;
  return true;
}

bool outbox_protocol::free_step(outbox_state& state, freeing_thread& own) const {
  switch (own.at) {
    case say_early:
      if (wrong_ == outbox_mistake::says_before_guard && own.box == 0) state.has_outboxes = 1;
      break;
    case lock:
      if (own.guard != 0) return false;
      own.guard = 1;
      break;
    case say:
      // Of the end: there is nothing to put, and all there is to pass on.
      if (!is_ending(own) && own.box == 0 && wrong_ != outbox_mistake::says_before_guard)
        state.has_outboxes = 1;
      break;
    case put:
      if (put_step(state, own)) return true;
      break;
    case unlock:
      own.guard = 0;
      break;
    case push_late:
      if (wrong_ == outbox_mistake::pushes_after_guard) push(state, own);
      break;
    case look_again:
      if (own.passing != 0 && state.has_moved && wrong_ != outbox_mistake::no_second_look)
        take_all(state);
      own.passing = 0;
      own.at = is_last(own) ? lock : say_early;
      return true;
    default:
      return false;
  }
  ++own.at;
  return true;
}

bool outbox_protocol::empty_step(outbox_state& state) const {
  freeing_thread& of = state.threads[state.looked];
  if (of.guard != 0) return false;
  state.remote = static_cast<std::uint8_t>(state.remote + of.box);
  of.box = 0;
  if (++state.looked == freeing_threads) ++state.at;
  return true;
}

bool outbox_protocol::whole_step(outbox_state& state) const {
  const bool ends = state.round == rounds - 1;
  const bool is_late = wrong_ == outbox_mistake::looks_before_word;
  switch (state.at) {
    case take_word:
      if (state.round == rounds) return false;
      if (ends && ends_after_ && !have_freed(state)) return false;
      state.looked = 0;
      // Where the word says that there are none, nobody looks.
      state.at = state.has_outboxes != 0 ? look_into : collect;
      if (!is_late) state.has_outboxes = 0;
      return true;
    case look_into:
      return empty_step(state);
    case take_word_late:
      if (is_late) state.has_outboxes = 0;
      break;
    case collect:
      take_all(state);
      break;
    case move:
      if (ends) state.has_moved = 1;
      break;
    default:
      take_all(state);
      ++state.round;
      state.at = take_word;
      return true;
  }
  ++state.at;
  return true;
}

bool outbox_protocol::step(outbox_state& state, std::size_t actor) const {
  return actor < freeing_threads ? free_step(state, state.threads[actor]) : whole_step(state);
}

const char* outbox_protocol::failure_of(const outbox_state& state) const {
  const auto& threads = state.threads;
  const auto has_none = [](const freeing_thread& each) { return each.box == 0; };
  const bool are_empty = std::all_of(threads.begin(), threads.end(), has_none);
  if (ends_after_ && state.round == rounds && (!are_empty || state.remote != 0))
    return "a block outlives its lane";
  const auto is_over = [](const freeing_thread& each) { return each.at == is_gone; };
  if (state.round != rounds || !std::all_of(threads.begin(), threads.end(), is_over))
    return nullptr;
  return state.arrived == freeing_threads * blocks_of_thread ? nullptr : "a block is lost";
}

bool outbox_protocol::has_ended(const outbox_state& state) const {
  return state.round == rounds &&
         std::all_of(state.threads.begin(), state.threads.end(),
                     [](const freeing_thread& each) { return each.at == is_gone; });
}

}  // namespace model
